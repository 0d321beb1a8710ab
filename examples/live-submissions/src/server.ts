// The server: submit and watch over HTTP and WebSocket, on loopback. Listens on PORT, by default 3000.

import { initTRPC } from "@trpc/server";
import { transformer } from "telltale";
import { createGateway } from "telltale/gateway";
import { createTelltale } from "telltale/server";
import { createJobsRouter, telltaleErrorFormatter } from "telltale/trpc";
import { jobs } from "./contracts.js";

/** The caller; null without a name. */
interface Context {
  readonly user: string | null;
}

const t = initTRPC.context<Context>().create({ transformer, errorFormatter: telltaleErrorFormatter });
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
  // This example trusts the name that a caller sends. Check a session or a token in your app.
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
