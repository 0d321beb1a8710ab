// One HTTP and WebSocket server: submit, and watch live. PORT, or 3000; HOST is loopback.

import { initTRPC } from "@trpc/server";
import superjson from "superjson";
import { createGateway } from "telltale/gateway";
import { createTelltale } from "telltale/server";
import { createJobsRouter, telltaleErrorFormatter } from "telltale/trpc";
import { jobs } from "./contracts.js";

/** Who is calling; null where nobody says. */
interface Context {
  readonly user: string | null;
}

const t = initTRPC.context<Context>().create({ transformer: superjson, errorFormatter: telltaleErrorFormatter });
const telltale = createTelltale({ jobs, redis: process.env.REDIS_URL ?? "redis://127.0.0.1:6379" });
const router = t.router({
  jobs: createJobsRouter(telltale, {
    procedure: t.procedure,
    subject: ({ user }) => (user === null ? null : { id: user }),
    submit: ["submission"],
  }),
});

const gateway = createGateway({
  router,
  // For the example a caller is who they say they are. Yours brings a session, or a token that is checked.
  createContext: ({ req, connectionParams }) => {
    const said = connectionParams?.authorization ?? req.headers.authorization;
    return { user: said?.replace("Bearer ", "") ?? null };
  },
});
const { url } = await gateway.listen(Number(process.env.PORT ?? 3_000));
console.log(`listening at ${url}`);

const stop = async (): Promise<void> => {
  await gateway.close();
  await telltale[Symbol.asyncDispose]();
};
for (const signal of ["SIGTERM", "SIGINT", "disconnect"] as const) process.once(signal, () => void stop());
process.channel?.unref();
