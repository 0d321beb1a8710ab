import { type ErrorCode, isErrorCode, type Logger, type ObserverEventFields } from "../../core/index.js";
import { type Observe, sparingLogger } from "../../core/internal.js";
import { firstLine } from "../../queue/index.js";
import { endedElsewhere, type QueueScripts, type ScheduleFiring } from "../../queue/internal.js";
import { jittered, pause } from "../waiting.js";

export interface MaintenanceOptions {
  readonly scripts: QueueScripts;
  readonly schedules: ScheduleFiring;
  readonly leaseMs: number;
  readonly everyMs: number;
  readonly logger: Logger;
  readonly observe: Observe | undefined;
  readonly worker: string;
}

type JobEnded = ObserverEventFields["job.ended"];

/** The number of jobs that one round moved or deleted. */
type Done = { -readonly [K in "promoted" | "reclaimed" | "expired" | "condemned" | "setAside" | "pruned"]: number };

const PRUNE_EVERY_ROUNDS = 10;
/**
 * Minimum wait before a round for a due schedule, in ms, so that a thousand schedules do not cause a thousand rounds.
 */
const SCHEDULE_WAIT_MS = 100;
/** Maximum number of calls of one kind per round. The next round continues. */
const MAX_REPEATS = 10;
/**
 * Reclaim shortens leases that are longer than its argument. The argument is never less than this, so that a worker
 * with a short lease does not take the jobs of other workers early.
 */
const LONGEST_LEASE_MS = 30_000;
/**
 * Share of Redis's memory above which finished jobs are deleted early, before submits are refused. Finished jobs take
 * more memory than waiting ones.
 */
const NEARLY_FULL = 0.95;

/**
 * Queues due jobs, takes back lost ones, deletes old ones, and fires schedules. Every worker does this for each of its
 * queues.
 */
export class Maintenance {
  readonly #options: MaintenanceOptions;
  #isNearlyFull = false;

  constructor(options: MaintenanceOptions) {
    this.#options = options;
  }

  /** Runs until the signal aborts. No error ends it. */
  async run(stopping: AbortSignal): Promise<void> {
    const { scripts, schedules, everyMs } = this.#options;
    const failing = sparingLogger(this.#options.logger);
    for (let round = 0; !stopping.aborted; round++) {
      let waitMs = jittered(everyMs);
      const startedAt = performance.now();
      const done: Done = { promoted: 0, reclaimed: 0, expired: 0, condemned: 0, setAside: 0, pruned: 0 };
      try {
        await this.#round(done, { isTimeToPrune: round % PRUNE_EVERY_ROUNDS === 0, stopping });
        // Comes last, because a full Redis refuses it, and pruning must still happen then.
        waitMs = Math.min(waitMs, Math.max((await schedules.fireDue()) ?? waitMs, SCHEDULE_WAIT_MS));
        this.#ran(done, startedAt, null);
      } catch (error) {
        failing.warn({ queue: scripts.queue, error: firstLine(error) }, "maintenance failed; trying again");
        this.#ran(done, startedAt, error);
      }
      await pause(waitMs, stopping);
    }
  }

  async #round(
    done: Done,
    { isTimeToPrune, stopping }: Readonly<{ isTimeToPrune: boolean; stopping: AbortSignal }>,
  ): Promise<void> {
    const { scripts, logger } = this.#options;
    const longestMs = Math.max(this.#options.leaseMs, LONGEST_LEASE_MS);
    // Comes first, because the other calls fail if the numbers of the queue cannot be read.
    await repeat(stopping, async () => {
      const { failed, setAside, more, ended } = await scripts.condemn();
      done.condemned += failed;
      done.setAside += setAside;
      for (const id of ended) this.#ended(id, { status: "failed", code: "corrupt" });
      if (failed + setAside > 0)
        logger.error({ queue: scripts.queue, failed, setAside }, "jobs whose record cannot be read were taken out");
      return more;
    });
    await repeat(stopping, async () => {
      const { expired, more, ended } = await scripts.expire();
      done.expired += expired;
      for (const id of ended) this.#ended(id, { status: "cancelled", reason: "not_started_in_time" });
      return more;
    });
    await repeat(stopping, async () => {
      const { promoted, nextDueInMs } = await scripts.promote();
      done.promoted += promoted;
      return nextDueInMs === 0;
    });
    await repeat(stopping, async () => {
      const { reclaimed, more, ended } = await scripts.reclaim(longestMs);
      done.reclaimed += reclaimed;
      for (const { id, status } of ended) this.#ended(id, { status, code: status === "failed" ? "worker_lost" : null });
      if (reclaimed > 0) logger.warn({ queue: scripts.queue, reclaimed }, "jobs of lost workers were taken back");
      return more;
    });
    if (!isTimeToPrune && !this.#isNearlyFull) return;
    await repeat(stopping, async () => {
      const { pruned, more } = await scripts.prune();
      done.pruned += pruned;
      return more;
    });
    done.pruned += await this.#makeRoom(stopping);
  }

  // Runs in every round while Redis is nearly full.
  async #makeRoom(stopping: AbortSignal): Promise<number> {
    const { scripts, logger } = this.#options;
    let pruned = 0;
    await repeat(stopping, async () => {
      this.#isNearlyFull = (await scripts.fullness()) > NEARLY_FULL;
      if (!this.#isNearlyFull) return false;
      const step = await scripts.pruneToFloor();
      pruned += step.pruned;
      return step.pruned > 0;
    });
    if (pruned > 0)
      logger.warn({ queue: scripts.queue, pruned }, "redis is nearly full: finished jobs were deleted early");
    return pruned;
  }

  #ended(id: string, how: Pick<JobEnded, "status"> & Partial<JobEnded>): void {
    const { scripts, observe, worker } = this.#options;
    observe?.({ type: "job.ended", ...endedElsewhere(scripts.queue, id), worker, ...how });
  }

  #ran(done: Done, startedAt: number, error: unknown): void {
    const { scripts, observe, worker } = this.#options;
    const durationMs = performance.now() - startedAt;
    observe?.({ type: "maintenance.ran", queue: scripts.queue, worker, durationMs, ...done, code: codeOf(error) });
  }
}

function codeOf(error: unknown): ErrorCode | null {
  if (typeof error !== "object" || error === null || !("code" in error)) return null;
  return isErrorCode(error.code) ? error.code : null;
}

async function repeat(stopping: AbortSignal, step: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < MAX_REPEATS && !stopping.aborted; i++) if (!(await step())) return;
}
