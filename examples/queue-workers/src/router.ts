import { initTRPC } from "@trpc/server";
import { transformer } from "telltale";
import type { Telltale } from "telltale/server";
import { createJobsRouter, telltaleErrorFormatter } from "telltale/trpc";
import type { jobs } from "./contracts.js";

const t = initTRPC.create({ transformer, errorFormatter: telltaleErrorFormatter });

/** The owner of all jobs. This app has no users; examples/existing-trpc-app has. */
export const OWNER = "bank";

/** The jobs as procedures: `submit`, `get`, `cancel`, `list`, `onStatus` and the rest. */
// The return type is inferred: written out it would repeat every procedure.
export function createRouter(telltale: Telltale<typeof jobs>) {
  const procedures = createJobsRouter(telltale, {
    procedure: t.procedure,
    subject: () => ({ id: OWNER }),
    submit: ["statement"],
  });
  // The served router determines the transformer and the error formatter, so it must be a router of `t`.
  return t.mergeRouters(t.router({}), procedures);
}
