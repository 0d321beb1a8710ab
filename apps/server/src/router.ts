import type { jobs } from "@telltale/contracts";
import { initTRPC } from "@trpc/server";
import { transformer } from "telltale";
import type { Telltale } from "telltale/server";
import { createJobsRouter, type Subject, telltaleErrorFormatter } from "telltale/trpc";

/** The caller, and the job token if they sent one. */
interface Context {
  readonly subject: Subject | null;
  readonly jobToken: string | undefined;
}

const t = initTRPC.context<Context>().create({
  transformer,
  errorFormatter: telltaleErrorFormatter,
  sse: { ping: { enabled: true, intervalMs: 15_000 }, client: { reconnectAfterInactivityMs: 30_000 } },
});

/** The application's router. The procedures of the jobs are mounted at its root: `submit`, `onStatus` and so on. */
// The return type is inferred, because clients need it in full.
export function createAppRouter(telltale: Telltale<typeof jobs>, secrets: readonly string[]) {
  const procedures = createJobsRouter(telltale, {
    procedure: t.procedure,
    subject: (ctx) => ctx.subject,
    token: (ctx) => ctx.jobToken,
    submit: ["judge"],
    ...(secrets.length > 0 ? { secrets } : {}),
  });
  return t.router(procedures._def.record);
}

/** The type of the router, for clients. */
export type AppRouter = ReturnType<typeof createAppRouter>;
