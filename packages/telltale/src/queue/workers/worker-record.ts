import { z } from "zod";
import { kindOfJobId, type WorkerInfo } from "../../core/index.js";
import type { ListedWorker } from "../scripts/workers/list-workers.js";

const Whole = z.int().nonnegative();
// A job's kind is in its id. Fields that a newer version adds are ignored.
const Stored = z.object({
  version: z.string(),
  host: z.string(),
  pid: Whole,
  queues: z.array(z.string()),
  queueCount: Whole,
  concurrency: Whole,
  draining: z.boolean(),
  running: z.array(z.tuple([z.string(), Whole, Whole])),
  runningCount: Whole,
});

/** Parses a listed worker. Returns null for one that Telltale did not write, which must not hide the others. */
export function toWorkerInfo({ entry, lastSeenAt, isDrained, text }: ListedWorker): WorkerInfo | null {
  const [name, id, ...rest] = entry.split(" ");
  const [started, record, ...lines] = text.split("\n");
  if (!name || !id || !record || rest.length + lines.length > 0) return null;
  const parsed = Stored.safeParse(jsonOf(record));
  const startedAt = Number(started);
  if (!parsed.success || !Number.isSafeInteger(startedAt)) return null;
  const { running, draining, ...stored } = parsed.data;
  return {
    ...{ name, id, ...stored, startedAt, lastSeenAt },
    draining: draining || isDrained,
    running: running.map(([job, attempt, since]) => ({ id: job, kind: kindOfJobId(job) ?? "", attempt, since })),
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
