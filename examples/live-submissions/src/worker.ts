// A worker process. Start as many as you like.
import { createTelltale } from "telltale/server";
import { createWorker } from "telltale/worker";
import { jobs } from "./contracts.js";
import { judge } from "./judge.js";

await using telltale = createTelltale({ jobs, redis: process.env.REDIS_URL ?? "redis://127.0.0.1:6379" });
await telltale.$ready(10_000); // fails with a clear error if no Redis answers
// No logger, because each first attempt fails on purpose. By default, failed attempts are reported on stderr.
const worker = createWorker({ telltale, handlers: [judge], logger: false });
// main.ts started this process with a channel. Stop when main.ts ends, and do not stay alive only for the channel.
process.once("disconnect", () => void worker.stop());
process.channel?.unref();
void worker.start().then(
  () => console.log("worker ready"),
  () => {}, // `run` rejects with the same error
);
await worker.run();
