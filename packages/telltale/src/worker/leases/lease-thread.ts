import { parentPort, workerData } from "node:worker_threads";
import type { ObserverEvent } from "../../core/index.js";
import { openLeaseScripts } from "../../queue/internal.js";
import { HungWatch } from "./hung-watch.js";
import { type HeldLeases, LeaseExtender } from "./lease-extender.js";
import type { FromLeaseThread, LeaseThreadSettings, ToLeaseThread } from "./lease-protocol.js";
import { LeaseTable } from "./lease-table.js";
import { StandIn } from "./stand-in.js";

// Entry point of the thread that extends a worker's leases even while a handler blocks the main thread's event loop. It
// is bundled into a string (lease-thread.generated.ts), so every application contains the modules imported here twice.

// Passed by LeaseKeeper, which is the only code that starts this thread.
const settings: LeaseThreadSettings = workerData;
const observe = settings.isObserved ? (event: ObserverEvent): void => tell({ type: "observed", event }) : undefined;
const opened = openLeaseScripts({ ...settings, observe });
const scripts = opened.byQueue.get.bind(opened.byQueue);

let table = new LeaseTable(settings.leases);
const held: HeldLeases = { values: () => table.values(), has: (lease) => table.has(lease) };
const extender = new LeaseExtender({ ...settings, scripts, held, tell });
const turns = new Int32Array(settings.beat);
const watch = new HungWatch({ ...settings, scripts, held, beat: turns });
const standIn = new StandIn({ beat: opened.beat, held, turns });

parentPort?.on("message", (message: ToLeaseThread) => {
  if (message.type === "leases") table = new LeaseTable(message.leases);
  else standIn.told(message.told);
});

extender.start();
watch.start();
standIn.start();
tell({ type: "ready" });

function tell(news: FromLeaseThread): void {
  parentPort?.postMessage(news);
}
