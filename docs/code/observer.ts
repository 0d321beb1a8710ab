// What docs/observer.md shows. It is compiled with the tests, and each region is a block of that page.
import type { Observer } from "telltale";
import { createTelltale } from "telltale/server";
import { createWorker } from "telltale/worker";
import { jobs } from "./contracts.js";
import { renderHandler } from "./workers.js";

// #region observer
const failures = new Map<string, number>();

export const observer: Observer = (event) => {
  switch (event.type) {
    case "job.ended":
      if (event.status === "failed") failures.set(event.kind, (failures.get(event.kind) ?? 0) + 1);
      break;
    case "operator.acted":
      console.log(event.actor, event.action, event.queue ?? event.id ?? event.schedule);
      break;
    default: // a new version may bring new types
  }
};
// #endregion

/** A server's object and a worker that uses the same observer. */
export function start(): ReturnType<typeof createWorker> {
  // #region use
  const telltale = createTelltale({ jobs, redis: process.env.REDIS_URL, observer });
  const worker = createWorker({ telltale, handlers: [renderHandler] }); // uses the observer of telltale
  // #endregion
  return worker;
}
