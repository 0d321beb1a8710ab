// The process that runs the jobs: the same code base with another entry file.
// #region worker
import { createWorker } from "telltale/worker";
import { summarize } from "./summarize.js";
import { telltale } from "./telltale.js";

const worker = createWorker({ telltale, handlers: [summarize] });
// #endregion
// main.ts started this process with a channel. Stop when main.ts ends, and do not stay alive only for the channel.
process.once("disconnect", () => void worker.stop());
process.channel?.unref();

// #region worker
await worker.run(); // until SIGTERM or SIGINT
await telltale[Symbol.asyncDispose]();
// #endregion
