// A worker that an application bundles. It is in a function, because a CommonJS bundle has no top-level await.
import { handle } from "telltale";
import { createTelltale } from "telltale/server";
import { createWorker } from "telltale/worker";
import { block, jobs } from "./contracts.js";

async function main(): Promise<void> {
  const telltale = createTelltale({ jobs, redis: process.env.REDIS_URL });
  const handler = handle(block, async ({ input, attempt }) => {
    console.log(`attempt ${attempt}`);
    const end = performance.now() + input.ms;
    while (performance.now() < end);
    return { by: "the bundle", at: new Date() };
  });
  const worker = createWorker({ telltale, handlers: [handler], leaseMs: Number(process.env.LEASE_MS), pollMs: 50 });
  void worker.start().then(() => console.log("ready"));
  await worker.run();
  await telltale[Symbol.asyncDispose]();
}

void main();
