import { VERSION } from "../../core/internal.js";
import { QUEUES_SHOWN, RUNNING_SHOWN, type WorkerState } from "../../queue/internal.js";
import type { Attempts } from "../attempt/attempts.js";
import type { Settings } from "../settings.js";
import { hostName } from "./host-name.js";

/** Returns what a worker tells about itself. The running jobs that are listed are those that have run longest. */
export function workerState(
  { queues, concurrency }: Settings,
  { attempts, draining }: Readonly<{ attempts: Attempts; draining: boolean }>,
): WorkerState {
  return {
    version: VERSION,
    host: hostName(),
    pid: process.pid,
    queues: queues.toSorted().slice(0, QUEUES_SHOWN),
    queueCount: queues.length,
    concurrency,
    draining,
    running: attempts.oldest(RUNNING_SHOWN).map(({ running }) => running),
    runningCount: attempts.size,
  };
}
