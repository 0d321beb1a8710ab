// A worker process. Start as many as you like.
import { createTelltale } from "telltale/server";
import { createWorker } from "telltale/worker";
import { jobs } from "./contracts.js";
import { judge } from "./judge.js";

await using telltale = createTelltale({ jobs, redis: process.env.REDIS_URL ?? "redis://127.0.0.1:6379" });
await telltale.$ready(10_000); // says so where no Redis answers
const worker = createWorker({ telltale, handlers: [judge] });
// Started by main.ts, it does not outlive it; the channel that tells must not keep it either.
process.once("disconnect", () => void worker.stop());
process.channel?.unref();
void worker.start().then(
  () => console.log("worker ready"),
  () => {}, // `run` rejects with the same
);
await worker.run();
