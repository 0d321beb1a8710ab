// The server: submit and watch over HTTP. PORT, or 3000.
import { initTRPC } from "@trpc/server";
import { transformer } from "telltale";
import { createGateway } from "telltale/gateway";
import { createTelltale } from "telltale/server";
import { createJobsRouter, telltaleErrorFormatter } from "telltale/trpc";
import { jobs } from "./contracts.js";

const telltale = createTelltale({ jobs, redis: process.env.REDIS_URL });
const t = initTRPC.context<{ userId: string }>().create({ transformer, errorFormatter: telltaleErrorFormatter });
const router = t.router({
  jobs: createJobsRouter(telltale, {
    procedure: t.procedure,
    subject: ({ userId }) => ({ id: userId }),
    submit: ["hash"],
  }),
});
const gateway = createGateway({ router, createContext: () => ({ userId: "u1" }) });
const { url } = await gateway.listen(Number(process.env.PORT ?? 3_000));
console.log(`listening on ${url}`);

const stop = async (): Promise<void> => {
  await gateway.close();
  await telltale[Symbol.asyncDispose]();
};
// main.ts started this process with a channel. Stop when main.ts ends, and do not stay alive only for the channel.
for (const signal of ["SIGTERM", "SIGINT", "disconnect"] as const) process.once(signal, () => void stop());
process.channel?.unref();
