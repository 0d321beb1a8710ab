import type { Logger } from "../../core/index.js";
import type { Observe } from "../../core/internal.js";
import { firstLine } from "../../queue/index.js";
import {
  type Claimed,
  type Doorbell,
  endedElsewhere,
  type LeasedJob,
  type QueueScripts,
} from "../../queue/internal.js";
import type { QueueRest } from "../maintenance/queue-rest.js";
import { hostName } from "../presence/host-name.js";
import { pause, repeatDelayMs } from "../waiting.js";
import { Claims } from "./claims.js";
import { EventLoopTurns } from "./event-loop-turns.js";
import type { Slots } from "./slots.js";

/** A claimed job. `claimedAt` is the `performance.now()` just before the claim was sent. */
export interface ClaimedJob {
  readonly job: LeasedJob;
  readonly claimedAt: number;
  /** Time from the first submit to the claim, by the clock of Redis, in ms. */
  readonly ageMs: number;
}

export interface ClaimLoopOptions {
  readonly scripts: QueueScripts;
  readonly doorbell: Doorbell;
  readonly slots: Slots;
  readonly leaseMs: number;
  readonly pollMs: number;
  readonly rest: QueueRest;
  /** Starts an attempt, which holds one slot until it calls `onEnd`. */
  readonly begin: (claimed: ClaimedJob, onEnd: () => void) => void;
  readonly logger: Logger;
  /** Logs failures, which all queues of a worker often have at the same time. */
  readonly sparing: Logger;
  readonly observe: Observe | undefined;
  readonly worker: string;
  readonly workerName: string;
}

/** `stopping` makes a loop claim no more jobs; `over` makes it give up a claim that Redis has not answered. */
export interface ClaimLoopSignals {
  readonly stopping: AbortSignal;
  readonly over: AbortSignal;
}

/**
 * How much longer an idle worker waits for a ring of a deserted queue before it claims again, and for how long at most, ms. No longer
 * than a lease, after which another worker may be found lost.
 */
const REST_POLLS = 4;
const MOST_REST_MS = 4_000;

/** From how many slots on there are two claims at a time. With fewer, each would be for few jobs, and a call costs as much as some jobs. */
const SLOTS_FOR_TWO = 20;

/**
 * Fills a worker's slots with jobs of one queue. While there are more jobs, a worker with many slots has two claims at a time, each for
 * half of the slots, and so runs the jobs of one while Redis answers the other. No error ends the loop.
 */
export class ClaimLoop {
  readonly #options: ClaimLoopOptions;
  readonly #first: Claims;
  readonly #second: Claims;
  /** The second claims, while there are any. */
  #seconding: Promise<void> | null = null;
  #lastClaimAt: number | null = null;
  #isFailing = false;

  constructor(options: ClaimLoopOptions) {
    this.#options = options;
    const { scripts, slots, leaseMs, workerName } = options;
    const shared = {
      ...{ scripts, slots, leaseMs, turns: new EventLoopTurns() },
      worker: { name: workerName, host: hostName(), pid: process.pid },
      onAnswer: (claimed: Claimed, claimedAt: number) => this.#answered(claimed, claimedAt),
      onFailure: (error: unknown) => this.#failed(error),
    };
    this.#first = new Claims(shared);
    this.#second = new Claims(shared);
  }

  /** When Redis last answered a claim, ms since 1970, or null. */
  get lastClaimAt(): number | null {
    return this.#lastClaimAt;
  }

  async run(signals: ClaimLoopSignals): Promise<void> {
    const { doorbell } = this.#options;
    while (!signals.stopping.aborted) {
      const claimed = await this.#claim(this.#first, signals);
      if (claimed?.more) this.#claimAlongside(signals);
      else if (claimed) await this.#wait(claimed, signals.stopping);
    }
    await this.#seconding;
    doorbell.close();
  }

  async #claim(claims: Claims, { stopping, over }: ClaimLoopSignals): Promise<Claimed | null> {
    const { slots } = this.#options;
    const room = await slots.take(stopping, this.#hasTwo ? Math.ceil(slots.size / 2) : slots.size);
    return room > 0 ? claims.next(room, over) : null;
  }

  #claimAlongside(signals: ClaimLoopSignals): void {
    if (!this.#hasTwo) return;
    this.#seconding ??= this.#claimWhileThereIsMore(signals).finally(() => {
      this.#seconding = null;
    });
  }

  get #hasTwo(): boolean {
    return this.#options.slots.size >= SLOTS_FOR_TWO;
  }

  async #claimWhileThereIsMore(signals: ClaimLoopSignals): Promise<void> {
    while ((await this.#claim(this.#second, signals))?.more);
  }

  #begin(claimed: ClaimedJob): void {
    const { scripts, slots, observe, worker, workerName } = this.#options;
    const { id, kind, attempt, round } = claimed.job;
    const { ageMs } = claimed;
    const { queue } = scripts;
    observe?.({ type: "job.claimed", kind, queue, id, attempt, round, worker, workerName, ageMs });
    this.#options.begin(claimed, () => slots.give(1));
  }

  #observeLate(id: string): void {
    const { scripts, observe, worker, workerName } = this.#options;
    const reason = "not_started_in_time";
    const by = { worker, workerName };
    observe?.({ type: "job.ended", ...endedElsewhere(scripts.queue, id), status: "cancelled", reason, ...by });
  }

  async #wait({ deserted, nextDueInMs }: Claimed, stopping: AbortSignal): Promise<void> {
    const { scripts, doorbell, slots, pollMs, leaseMs } = this.#options;
    // A worker without room must not consume a doorbell signal that a worker with room could use. Slots that are
    // reserved by the claims of other queues count as room; otherwise the loops would make each other claim again,
    // forever.
    if (slots.open === 0 || stopping.aborted) return;
    const dueAt = nextDueInMs === null ? Number.POSITIVE_INFINITY : performance.now() + nextDueInMs;
    const waitMs = deserted
      ? Math.min(REST_POLLS * pollMs, MOST_REST_MS, leaseMs)
      : Math.min(pollMs, nextDueInMs ?? pollMs);
    // Jobs of another queue may have taken the slots in the meantime.
    if (waitMs > 0 && (await doorbell.wait(waitMs, stopping)) && slots.free === 0) await doorbell.passOn(stopping);
    if (performance.now() < dueAt || stopping.aborted) return;
    try {
      await scripts.promote();
    } catch (error) {
      this.#failed(error);
      await pause(repeatDelayMs(0), stopping);
    }
  }

  #answered(claimed: Claimed, claimedAt: number): void {
    this.#lastClaimAt = Date.now();
    if (this.#isFailing) this.#options.logger.info({ queue: this.#options.scripts.queue }, "claiming again");
    this.#isFailing = false;
    this.#options.rest.found(claimed.deserted);
    for (const job of claimed.jobs) this.#begin({ job, claimedAt, ageMs: claimed.now - job.createdAt });
    for (const id of claimed.late) this.#observeLate(id);
  }

  // Logged once per outage instead of once per try; otherwise an hour's outage would log 3600 lines.
  #failed(error: unknown): void {
    if (this.#isFailing) return;
    this.#isFailing = true;
    const { queue } = this.#options.scripts;
    this.#options.sparing.warn({ queue, error: firstLine(error) }, "claiming failed; trying again");
  }
}
