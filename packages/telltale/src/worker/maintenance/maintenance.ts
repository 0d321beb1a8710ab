import { type ErrorCode, isErrorCode, type Logger, type ObserverEventFields } from "../../core/index.js";
import type { Observe } from "../../core/internal.js";
import { firstLine } from "../../queue/index.js";
import { EARLY_PRUNE_FULLNESS, endedElsewhere, type QueueScripts, type ScheduleFiring } from "../../queue/internal.js";
import { jittered, pause } from "../waiting.js";
import type { QueueRest } from "./queue-rest.js";

export interface MaintenanceOptions {
  readonly scripts: QueueScripts;
  readonly schedules: ScheduleFiring;
  readonly leaseMs: number;
  readonly everyMs: number;
  readonly rest: QueueRest;
  readonly logger: Logger;
  /** Logs failures, which all queues of a worker often have at the same time. */
  readonly sparing: Logger;
  /** Whether there is a connection to Redis. A lost one is logged elsewhere. */
  readonly isConnected: () => boolean;
  readonly observe: Observe | undefined;
  readonly worker: string;
  readonly workerName: string;
}

type JobEnded = ObserverEventFields["job.ended"];

/** The number of jobs that one round moved or deleted. */
type Done = { -readonly [K in "promoted" | "reclaimed" | "expired" | "condemned" | "setAside" | "pruned"]: number };

const PRUNE_EVERY_ROUNDS = 10;
/** Of a deserted queue, only finished jobs are deleted, which can wait. */
const PRUNE_EVERY_ROUNDS_AT_REST = 60;
/**
 * Minimum wait before a round for a due schedule, in ms, so that a thousand schedules do not cause a thousand rounds.
 */
const SCHEDULE_WAIT_MS = 100;
/**
 * How long calls of one kind are repeated per round while there is more to do, in ms. If there is still more, the next round
 * follows after a pause of this length, so that maintenance never takes more than about half of Redis's time.
 */
const SLICE_MS = 200;
/**
 * Reclaim shortens leases that are longer than its argument. The argument is never less than this, so that a worker
 * with a short lease does not take the jobs of other workers early.
 */
const LONGEST_LEASE_MS = 30_000;
/**
 * Queues due jobs, takes back lost ones, deletes old ones, and fires schedules. Every worker does this for each of its
 * queues.
 */
export class Maintenance {
  readonly #options: MaintenanceOptions;
  #isNearlyFull = false;
  /** Whether the last round left finished jobs that are due for deletion. */
  #hasMoreToPrune = false;

  constructor(options: MaintenanceOptions) {
    this.#options = options;
  }

  /** Runs until the signal aborts. No error ends it. */
  async run(stopping: AbortSignal): Promise<void> {
    const { scripts, schedules, everyMs, logger, sparing, isConnected } = this.#options;
    let isFailing = false;
    for (let round = 0; !stopping.aborted; round++) {
      if (this.#mayRest(round)) {
        await pause(jittered(everyMs), stopping);
        continue;
      }
      let waitMs = jittered(everyMs);
      const startedAt = performance.now();
      const done: Done = { promoted: 0, reclaimed: 0, expired: 0, condemned: 0, setAside: 0, pruned: 0 };
      try {
        const isTimeToPrune = round % PRUNE_EVERY_ROUNDS === 0 || this.#hasMoreToPrune;
        const hasMore = await this.#round(done, { isTimeToPrune, stopping });
        if (hasMore) waitMs = Math.min(waitMs, SLICE_MS);
        // Comes last, because a full Redis refuses it, and pruning must still happen then.
        waitMs = Math.min(waitMs, Math.max((await schedules.fireDue()) ?? waitMs, SCHEDULE_WAIT_MS));
        this.#ran(done, startedAt, null);
        if (isFailing) logger.info({ queue: scripts.queue }, "maintenance works again");
        isFailing = false;
      } catch (error) {
        isFailing = true;
        if (isConnected())
          sparing.warn({ queue: scripts.queue, error: firstLine(error) }, "maintenance failed; trying again");
        this.#ran(done, startedAt, error);
      }
      await pause(waitMs, stopping);
    }
  }

  #mayRest(round: number): boolean {
    if (this.#isNearlyFull || this.#hasMoreToPrune) return false;
    return this.#options.rest.isResting && round % PRUNE_EVERY_ROUNDS_AT_REST !== 0;
  }

  // Returns whether something was left to do.
  async #round(
    done: Done,
    { isTimeToPrune, stopping }: Readonly<{ isTimeToPrune: boolean; stopping: AbortSignal }>,
  ): Promise<boolean> {
    const { scripts, logger } = this.#options;
    const longestMs = Math.max(this.#options.leaseMs, LONGEST_LEASE_MS);
    const steps: (() => Promise<boolean>)[] = [
      // Comes first, because the other calls fail if the numbers of the queue cannot be read.
      async () => {
        const { failed, setAside, more, ended } = await scripts.condemn();
        done.condemned += failed;
        done.setAside += setAside;
        for (const id of ended) this.#ended(id, { status: "failed", code: "corrupt" });
        if (failed + setAside > 0)
          logger.error({ queue: scripts.queue, failed, setAside }, "jobs whose record cannot be read were taken out");
        return more;
      },
      async () => {
        const { expired, more, ended } = await scripts.expire();
        done.expired += expired;
        for (const id of ended) this.#ended(id, { status: "cancelled", reason: "not_started_in_time" });
        return more;
      },
      async () => {
        const { promoted, nextDueInMs } = await scripts.promote();
        done.promoted += promoted;
        return nextDueInMs === 0;
      },
      async () => {
        const { reclaimed, more, ended } = await scripts.reclaim(longestMs);
        done.reclaimed += reclaimed;
        for (const { id, status } of ended)
          this.#ended(id, { status, code: status === "failed" ? "worker_lost" : null });
        if (reclaimed > 0) logger.warn({ queue: scripts.queue, reclaimed }, "jobs of lost workers were taken back");
        return more;
      },
    ];
    let hasMore = false;
    for (const step of steps) if (await repeat(stopping, step)) hasMore = true;
    if (isTimeToPrune || this.#isNearlyFull) {
      this.#hasMoreToPrune = await repeat(stopping, async () => {
        const { pruned, more } = await scripts.prune();
        done.pruned += pruned;
        return more;
      });
      done.pruned += await this.#makeRoom(stopping);
      await repeat(stopping, async () => (await scripts.compact()).more);
    }
    return hasMore || this.#hasMoreToPrune;
  }

  // Runs in every round while Redis is nearly full.
  async #makeRoom(stopping: AbortSignal): Promise<number> {
    const { scripts, logger } = this.#options;
    let pruned = 0;
    await repeat(stopping, async () => {
      this.#isNearlyFull = (await scripts.fullness()) > EARLY_PRUNE_FULLNESS;
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
    const { scripts, observe, worker, workerName } = this.#options;
    observe?.({ type: "job.ended", ...endedElsewhere(scripts.queue, id), worker, workerName, ...how });
  }

  #ran(done: Done, startedAt: number, error: unknown): void {
    const { scripts, observe, worker, workerName } = this.#options;
    const durationMs = performance.now() - startedAt;
    const by = { queue: scripts.queue, worker, workerName };
    observe?.({ type: "maintenance.ran", ...by, durationMs, ...done, code: codeOf(error) });
  }
}

function codeOf(error: unknown): ErrorCode | null {
  if (typeof error !== "object" || error === null || !("code" in error)) return null;
  return isErrorCode(error.code) ? error.code : null;
}

/** Repeats a step while there is more to do, within a time slice. Returns whether there is still more. */
async function repeat(stopping: AbortSignal, step: () => Promise<boolean>): Promise<boolean> {
  const until = performance.now() + SLICE_MS;
  while (!stopping.aborted) {
    if (!(await step())) return false;
    if (performance.now() >= until) return true;
  }
  return false;
}
