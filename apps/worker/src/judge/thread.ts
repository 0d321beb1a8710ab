// The entry file of a sandbox thread: one test per request, in the order they come.
import { on } from "node:events";
import { parentPort } from "node:worker_threads";
import type { TestRequest, ThreadReport } from "./protocol.js";
import { compileQuickJS } from "./quickjs.js";
import { runTest } from "./run-test.js";

const port = parentPort;
if (port === null) throw new Error("thread.js runs in a worker thread");
// Listening begins before the first await: what is posted while QuickJS compiles must not be missed.
const requests = on(port, "message");
const compiled = await compileQuickJS();
const report = (what: ThreadReport): void => port.postMessage(what);

for await (const [received] of requests) {
  // The other end is our own code in the same process: the shape is trusted.
  const request: TestRequest = received;
  const ended = await runTest({
    compiled,
    request,
    onStarted: () => report({ type: "started" }),
    onPrinted: (text) => report({ type: "printed", text }),
  });
  report({ type: "ended", ...ended });
}
