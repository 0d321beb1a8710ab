import type { jobs } from "@telltale/contracts";
import { initTRPC } from "@trpc/server";
import { transformer } from "telltale";
import type { Telltale } from "telltale/server";
import { createJobsRouter, type Subject, telltaleErrorFormatter } from "telltale/trpc";

/** Who is calling, and the right to one job where that is all they showed. */
interface Context {
  readonly subject: Subject | null;
  readonly jobToken: string | undefined;
}

const t = initTRPC.context<Context>().create({
  transformer,
  errorFormatter: telltaleErrorFormatter,
  sse: { ping: { enabled: true, intervalMs: 15_000 }, client: { reconnectAfterInactivityMs: 30_000 } },
});

/** The application's router: the jobs stand at its root, so it is `submit`, `onStatus` and their like. */
// Its type is what clients infer from.
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

/** The type clients work with. */
export type AppRouter = ReturnType<typeof createAppRouter>;
