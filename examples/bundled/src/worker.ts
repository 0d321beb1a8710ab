// A worker. Start as many as you like.
import { createHash } from "node:crypto";
import { handle } from "telltale";
import { createTelltale } from "telltale/server";
import { createWorker } from "telltale/worker";
import { hash, jobs } from "./contracts.js";

const LEASE_MS = 1_000; // short, so that the example is short; the default is 30 s

const telltale = createTelltale({ jobs, redis: process.env.REDIS_URL });
const hasher = handle(hash, async ({ input, attempt }) => {
  console.log(`attempt ${attempt}`);
  const end = performance.now() + input.forMs;
  let { text: digest } = input;
  let rounds = 0;
  // Nothing here waits, so this process does nothing else until it is done. It cannot renew its lease either.
  for (; performance.now() < end; rounds++) digest = createHash("sha256").update(digest).digest("hex");
  return { rounds, digest };
});
const worker = createWorker({ telltale, handlers: [hasher], leaseMs: LEASE_MS });
// main.ts started this process with a channel. Stop when main.ts ends, and do not stay alive only for the channel.
process.once("disconnect", () => void worker.stop());
process.channel?.unref();
void worker.start().then(
  () => console.log("ready"),
  () => {}, // `run` rejects with the same error
);
await worker.run(); // until SIGTERM or SIGINT
await telltale[Symbol.asyncDispose]();
