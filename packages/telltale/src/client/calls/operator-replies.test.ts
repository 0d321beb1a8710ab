import { expect, test } from "vitest";
import { readQueuePaused, readQueues, readShownFrame, readWorkers, readWorkersDrained } from "./operator-replies.js";

const worker = {
  ...{ name: "web", id: "a", version: "0.1.0", host: "h", pid: 1, queues: ["mail"], queueCount: 1, concurrency: 2 },
  ...{ startedAt: 1, lastSeenAt: 2, draining: false, running: [], runningCount: 0 },
};
const queue = { queue: "mail", at: 1, paused: false, jobs: { queued: 1 } };

test("replies of a jobs router are read, with fields that a newer one adds", () => {
  expect(readWorkers({ at: 1, total: 1, workers: [{ ...worker, more: 1 }] })).toEqual({
    ...{ at: 1, total: 1 },
    workers: [{ ...worker, more: 1 }],
  });
  expect(readWorkersDrained({ name: "web", asked: 2 })).toEqual({ name: "web", asked: 2 });
  expect(readQueues([queue])).toEqual([queue]);
  expect(readQueuePaused({ queue: "mail", paused: true })).toEqual({ queue: "mail", paused: true });
  expect(readShownFrame({ id: "a.b", data: [queue] }, readQueues)).toEqual({ position: "a.b", shown: [queue] });
});

test.each([
  ["workers", () => readWorkers(null)],
  ["workers without a time", () => readWorkers({ total: 1, workers: [] })],
  ["workers without a total", () => readWorkers({ at: 1, workers: [] })],
  ["workers that are no list", () => readWorkers({ at: 1, total: 1, workers: {} })],
  ...Object.keys(worker).map(
    (field) =>
      [
        `a worker without ${field}`,
        () => readWorkers({ at: 1, total: 1, workers: [{ ...worker, [field]: null }] }),
      ] as const,
  ),
  ["drained workers", () => readWorkersDrained({ name: "web" })],
  ["drained workers without a name", () => readWorkersDrained({ asked: 1 })],
  ["queues", () => readQueues({})],
  ...Object.keys(queue).map(
    (field) => [`a queue without ${field}`, () => readQueues([{ ...queue, [field]: null }])] as const,
  ),
  ["a paused queue", () => readQueuePaused({ queue: "mail" })],
  ["a paused queue without a name", () => readQueuePaused({ paused: true })],
  ["a frame", () => readShownFrame({ data: [] }, readQueues)],
] as const)("a reply that a jobs router cannot have sent is refused: %s", (_, read) => {
  expect(read).toThrow(expect.objectContaining({ code: "invalid_config" }));
});
