import { parentPort, workerData } from "node:worker_threads";
import type { ObserverEvent } from "../../core/index.js";
import { openLeaseScripts } from "../../queue/internal.js";
import { HungWatch } from "./hung-watch.js";
import { LeaseExtender } from "./lease-extender.js";
import type { FromLeaseThread, LeaseThreadSettings, ToLeaseThread } from "./lease-protocol.js";

// Entry point of the thread that extends a worker's leases even while a handler blocks the main thread's event loop. It
// is bundled into a string (lease-thread.generated.ts), so every application contains the modules imported here twice.

// Passed by LeaseKeeper, which is the only code that starts this thread.
const settings: LeaseThreadSettings = workerData;
const observe = settings.isObserved ? (event: ObserverEvent): void => tell({ type: "observed", event }) : undefined;
const opened = openLeaseScripts({ ...settings, observe });
const scripts = opened.get.bind(opened);

const extender = new LeaseExtender({ ...settings, scripts, tell });
const watch = new HungWatch({ ...settings, scripts, beat: new Int32Array(settings.beat) });

parentPort?.on("message", ({ held, dropped }: ToLeaseThread) => {
  for (const lease of held) {
    extender.hold(lease);
    watch.hold(lease);
  }
  for (const lease of dropped) {
    extender.drop(lease);
    watch.drop(lease);
  }
});

extender.start();
watch.start();
tell({ type: "ready" });

function tell(news: FromLeaseThread): void {
  if (news.type === "lost") watch.drop(news.lease);
  parentPort?.postMessage(news);
}
