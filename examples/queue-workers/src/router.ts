import { initTRPC } from "@trpc/server";
import superjson from "superjson";
import type { Telltale } from "telltale/server";
import { createJobsRouter, telltaleErrorFormatter } from "telltale/trpc";
import type { jobs } from "./contracts.js";

const t = initTRPC.create({ transformer: superjson, errorFormatter: telltaleErrorFormatter });

/** Whose jobs they are. Nobody logs in to this app; examples/existing-trpc-app is the one with users. */
export const OWNER = "bank";

/** The jobs as procedures: `submit`, `get`, `cancel`, `list`, `onStatus` and the rest. */
// The return type is inferred: written out it would repeat every procedure.
export function createRouter(telltale: Telltale<typeof jobs>) {
  const procedures = createJobsRouter(telltale, {
    procedure: t.procedure,
    subject: () => ({ id: OWNER }),
    submit: ["statement"],
  });
  // The transformer and the formatter are those of the router that is served, so what is served has to be one of `t`.
  return t.mergeRouters(t.router({}), procedures);
}
