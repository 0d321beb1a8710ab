// A worker process. Start as many as you like; they share the queued jobs.
import { mkdir } from "node:fs/promises";
import { createTelltale } from "telltale/server";
import { createWorker, type Middleware } from "telltale/worker";
import { jobs } from "./contracts.js";
import { writeStatement } from "./write-statement.js";

const { REDIS_URL = "redis://127.0.0.1:6379", FOLDER = "statements", LEASE_MS = "30000" } = process.env;
const { WORKER = `worker ${process.pid}` } = process.env;

// Runs around every handler and prints what this process runs.
const told: Middleware = async ({ id, attempt }, next) => {
  console.log(`started  ${id} attempt ${attempt}`);
  await next();
  console.log(`finished ${id}`);
};

await mkdir(FOLDER, { recursive: true });
await using telltale = createTelltale({ jobs, redis: REDIS_URL });
await telltale.$ready(10_000); // fails with a clear error if no Redis answers
const worker = createWorker({
  telltale,
  handlers: [writeStatement({ worker: WORKER, folder: FOLDER })],
  use: [told],
  concurrency: 1,
  leaseMs: Number(LEASE_MS), // how long a job waits for a worker that died while it ran the job
});
// main.ts started this process with a channel. Stop when main.ts ends, and do not stay alive only for the channel.
process.once("disconnect", () => void worker.stop());
process.channel?.unref();
void worker.start().then(
  () => console.log(`${WORKER} is ready`),
  () => {}, // `run` rejects with the same error
);
await worker.run(); // until SIGTERM or SIGINT; then it gives its job back, and another worker starts it at once
