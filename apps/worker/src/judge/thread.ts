// The entry file of a sandbox thread, which Piscina loads before it counts the thread as started.
import { on } from "node:events";
import { type MessagePort, threadId } from "node:worker_threads";
import type { TakenReport, TestRequest, ThreadReport } from "./protocol.js";
import { compileQuickJS } from "./quickjs.js";
import { runTest } from "./run-test.js";

const compiled = await compileQuickJS();

/** Runs one test per request on the port, in order, until the other end closes it. */
export default async function runTests(port: MessagePort | null): Promise<void> {
  if (port === null) return;
  const requests = on(port, "message", { close: ["close"] });
  port.postMessage({ threadId } satisfies TakenReport);
  const report = (what: ThreadReport): void => port.postMessage(what);
  try {
    for await (const [received] of requests) {
      // The other end is our own code in the same process, so the shape is trusted.
      const request: TestRequest = received;
      const ended = await runTest({
        compiled,
        request,
        onStarted: () => report({ type: "started" }),
        onPrinted: (text) => report({ type: "printed", text }),
      });
      report({ type: "ended", ...ended });
    }
  } finally {
    // Tells the other end that no answer will come.
    port.close();
  }
}
