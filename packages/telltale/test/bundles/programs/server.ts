// A server that an application bundles. It is in a function, because a CommonJS bundle has no top-level await.
import { once } from "node:events";
import { initTRPC } from "@trpc/server";
import superjson from "superjson";
import { createGateway } from "telltale/gateway";
import { createTelltale } from "telltale/server";
import { createJobsRouter, telltaleErrorFormatter } from "telltale/trpc";
import { jobs } from "./contracts.js";

async function main(): Promise<void> {
  const telltale = createTelltale({ jobs, redis: process.env.REDIS_URL });
  const t = initTRPC.create({ transformer: superjson, errorFormatter: telltaleErrorFormatter });
  const router = t.router({
    jobs: createJobsRouter(telltale, { procedure: t.procedure, subject: () => ({ id: "u1" }), submit: ["block"] }),
  });
  const gateway = createGateway({ router, createContext: () => ({}) });
  const { url } = await gateway.listen(0);
  console.log(`listening on ${url}`);

  await once(process, "SIGTERM");
  await gateway.close();
  await telltale[Symbol.asyncDispose]();
}

void main();
