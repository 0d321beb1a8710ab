import type {
  BulkProgress,
  FailureGroup,
  QueueHistory,
  QueueStats,
  WorkerInfo,
  WorkerList,
  WorkersDrained,
} from "../../core/index.js";
import { record, unreadable } from "./reply.js";

/** The answer of `queues.pause` and `queues.resume`. */
export interface QueuePaused {
  queue: string;
  paused: boolean;
}

/** A frame of a watch: its position (the tracked id), and what it shows. */
export interface ShownFrame<T> {
  readonly position: string;
  readonly shown: T;
}

/** Reads the reply of `workers.list`. */
export function readWorkers(reply: unknown): WorkerList {
  const { at, total, workers } = record(reply);
  if (typeof at !== "number" || typeof total !== "number" || !Array.isArray(workers)) throw unreadable();
  return { at, total, workers: workers.map(readWorker) };
}

function readWorker(value: unknown): WorkerInfo {
  const worker = record(value);
  const areRead =
    ["name", "id", "host", "version"].every((field) => typeof worker[field] === "string") &&
    ["pid", "queueCount", "concurrency", "startedAt", "lastSeenAt", "runningCount"].every(
      (field) => typeof worker[field] === "number",
    ) &&
    ["queues", "running"].every((field) => Array.isArray(worker[field])) &&
    typeof worker.draining === "boolean";
  if (!areRead) throw unreadable();
  return worker as unknown as WorkerInfo;
}

/** Reads the reply of `workers.drain`. */
export function readWorkersDrained(reply: unknown): WorkersDrained {
  const { name, asked } = record(reply);
  if (typeof name !== "string" || typeof asked !== "number") throw unreadable();
  return { name, asked };
}

/** Reads the reply of `queues.list`. */
export function readQueues(reply: unknown): QueueStats[] {
  if (!Array.isArray(reply)) throw unreadable();
  return reply.map((value: unknown) => {
    const stats = record(value);
    const { queue, at, paused, jobs } = stats;
    const isRead = typeof queue === "string" && typeof at === "number" && typeof paused === "boolean";
    if (!isRead || typeof jobs !== "object" || jobs === null) throw unreadable();
    return stats as unknown as QueueStats;
  });
}

/** Reads the reply of `queues.pause` and `queues.resume`. */
export function readQueuePaused(reply: unknown): QueuePaused {
  const { queue, paused } = record(reply);
  if (typeof queue !== "string" || typeof paused !== "boolean") throw unreadable();
  return { queue, paused };
}

/** Reads the reply of `queues.history`. */
export function readHistory(reply: unknown): QueueHistory {
  const history = record(reply);
  if (typeof history.queue !== "string" || !Array.isArray(history.buckets)) throw unreadable();
  return history as unknown as QueueHistory;
}

/** Reads the reply of `failures`. */
export function readFailures(reply: unknown): FailureGroup[] {
  if (!Array.isArray(reply)) throw unreadable();
  return reply.map((value: unknown) => {
    const group = record(value);
    if (typeof group.code !== "string" || typeof group.count !== "number") throw unreadable();
    return group as unknown as FailureGroup;
  });
}

/** Reads the reply of one step of an action on many jobs. */
export function readProgress(reply: unknown): BulkProgress {
  const progress = record(reply);
  const { seen, matched, done, cursor, finished } = progress;
  const areNumbers = [seen, matched, done].every((one) => typeof one === "number");
  if (!areNumbers || typeof finished !== "boolean" || !(cursor === null || typeof cursor === "string"))
    throw unreadable();
  return progress as unknown as BulkProgress;
}

/** Reads a frame of a watch. `read` reads what it shows. */
export function readShownFrame<T>(frame: unknown, read: (data: unknown) => T): ShownFrame<T> {
  const { id: position, data } = record(frame);
  if (typeof position !== "string") throw unreadable();
  return { position, shown: read(data) };
}
