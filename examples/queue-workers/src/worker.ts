// A worker process. Start as many as you like; they share what is queued.
import { mkdir } from "node:fs/promises";
import { createTelltale } from "telltale/server";
import { createWorker, type Middleware } from "telltale/worker";
import { jobs } from "./contracts.js";
import { writeStatement } from "./write-statement.js";

const { REDIS_URL = "redis://127.0.0.1:6379", FOLDER = "statements", LEASE_MS = "30000" } = process.env;
const { WORKER = `worker ${process.pid}` } = process.env;

// Around every handler: what ran here, in the words of the process that ran it.
const told: Middleware = async ({ id, attempt }, next) => {
  console.log(`started  ${id} attempt ${attempt}`);
  await next();
  console.log(`finished ${id}`);
};

await mkdir(FOLDER, { recursive: true });
await using telltale = createTelltale({ jobs, redis: REDIS_URL });
await telltale.$ready(10_000); // says so where no Redis answers
const worker = createWorker({
  telltale,
  handlers: [writeStatement({ worker: WORKER, folder: FOLDER })],
  use: [told],
  concurrency: 1,
  leaseMs: Number(LEASE_MS), // how long a job waits for a worker that died with it
});
// Started by main.ts, it does not outlive it; the channel that tells must not keep it either.
process.once("disconnect", () => void worker.stop());
process.channel?.unref();
void worker.start().then(
  () => console.log(`${WORKER} is ready`),
  () => {}, // `run` rejects with the same
);
await worker.run(); // until SIGTERM or SIGINT; then the job it holds is given back, for others to start at once
