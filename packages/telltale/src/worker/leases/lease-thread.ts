import { parentPort, workerData } from "node:worker_threads";
import { openLanes } from "../../queue/internal.js";
import { HungWatch } from "./hung-watch.js";
import { LeaseExtender } from "./lease-extender.js";
import type { FromLeaseThread, LeaseThreadSettings, ToLeaseThread } from "./lease-protocol.js";

// Entry of the thread that keeps a worker's leases alive whatever its handlers do to the event loop of the main thread.

// Written by LeaseKeeper, the only one who starts this file.
const settings: LeaseThreadSettings = workerData;
const { lanes } = openLanes(settings);
const lane = lanes.get.bind(lanes);

const extender = new LeaseExtender({ ...settings, lane, tell });
const watch = new HungWatch({ lane, hung: settings.hung, beat: new Int32Array(settings.beat) });

parentPort?.on("message", (message: ToLeaseThread) => {
  if (message.type === "hold") {
    extender.hold(message.lease);
    watch.hold(message.lease);
  } else {
    extender.drop(message.lease);
    watch.drop(message.lease);
  }
});

extender.start();
watch.start();
tell({ type: "ready" });

function tell(news: FromLeaseThread): void {
  if (news.type === "lost") watch.drop(news.lease);
  parentPort?.postMessage(news);
}
