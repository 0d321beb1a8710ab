// The process that runs the jobs: the same code base, another entry.
import { createWorker } from "telltale/worker";
import { summarize } from "./summarize.js";
import { telltale } from "./telltale.js";

const worker = createWorker({ telltale, handlers: [summarize] });
// Started by main.ts, it does not outlive it; the channel that tells must not keep it either.
process.once("disconnect", () => void worker.stop());
process.channel?.unref();

await worker.run(); // until SIGTERM or SIGINT
await telltale[Symbol.asyncDispose]();
