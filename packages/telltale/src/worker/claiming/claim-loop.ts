import { randomUUID } from "node:crypto";
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
import { pause, repeatDelayMs } from "../waiting.js";
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
  /** Starts an attempt, which holds one slot until it calls `onEnd`. */
  readonly begin: (claimed: ClaimedJob, onEnd: () => void) => void;
  readonly logger: Logger;
  /** Logs failures, which all queues of a worker often have at the same time. */
  readonly sparing: Logger;
  readonly observe: Observe | undefined;
  readonly worker: string;
}

/** `stopping` makes a loop claim no more jobs; `over` makes it give up a claim that Redis has not answered. */
export interface ClaimLoopSignals {
  readonly stopping: AbortSignal;
  readonly over: AbortSignal;
}

/** Fills a worker's slots with jobs of one queue. It sends one claim at a time, and no error ends the loop. */
export class ClaimLoop {
  readonly #options: ClaimLoopOptions;
  readonly #loop = randomUUID();
  #lastClaimAt: number | null = null;
  #isFailing = false;

  constructor(options: ClaimLoopOptions) {
    this.#options = options;
  }

  /** When Redis last answered a claim, ms since 1970, or null. */
  get lastClaimAt(): number | null {
    return this.#lastClaimAt;
  }

  async run({ stopping, over }: ClaimLoopSignals): Promise<void> {
    const { doorbell, slots } = this.#options;
    while (!stopping.aborted) {
      const room = await slots.take(stopping);
      const claimed = room > 0 ? await this.#claim(room, over) : null;
      if (claimed && !claimed.more) await this.#wait(claimed.nextDueInMs, stopping);
    }
    doorbell.close();
  }

  // A claim without an answer may have taken jobs. Repeating it with the same request id returns those jobs.
  async #claim(room: number, over: AbortSignal): Promise<Claimed | null> {
    const { scripts, slots, leaseMs } = this.#options;
    let request = randomUUID();
    let askedAt = performance.now();
    let held = room;
    for (let failures = 0; ; failures++) {
      const claimedAt = performance.now();
      try {
        const claimed = await scripts.claim({ loop: this.#loop, request, room, leaseMs });
        this.#answered();
        slots.use(claimed.jobs.length, held);
        for (const job of claimed.jobs) this.#begin({ job, claimedAt, ageMs: claimed.now - job.createdAt });
        for (const id of claimed.late) this.#observeLate(id);
        return claimed;
      } catch (error) {
        this.#failed(error);
        // The loop of another queue may use the slots in the meantime.
        slots.use(0, held);
        await pause(repeatDelayMs(failures), over);
        if (over.aborted) return null;
        // Each repeat renews the leases of its request, so a request that is never answered would hold its jobs
        // forever.
        if (claimedAt - askedAt > 2 * leaseMs) [request, askedAt] = [randomUUID(), performance.now()];
        held = slots.takeUpTo(room);
      }
    }
  }

  #begin(claimed: ClaimedJob): void {
    const { scripts, slots, observe, worker } = this.#options;
    const { id, kind, attempt, round } = claimed.job;
    const { ageMs } = claimed;
    observe?.({ type: "job.claimed", kind, queue: scripts.queue, id, attempt, round, worker, ageMs });
    this.#options.begin(claimed, () => slots.give(1));
  }

  #observeLate(id: string): void {
    const { scripts, observe, worker } = this.#options;
    const reason = "not_started_in_time";
    observe?.({ type: "job.ended", ...endedElsewhere(scripts.queue, id), status: "cancelled", reason, worker });
  }

  async #wait(nextDueInMs: number | null, stopping: AbortSignal): Promise<void> {
    const { scripts, doorbell, slots, pollMs } = this.#options;
    // A worker without room must not consume a doorbell signal that a worker with room could use. Slots that are
    // reserved by the claims of other queues count as room; otherwise the loops would make each other claim again,
    // forever.
    if (slots.open === 0 || stopping.aborted) return;
    const dueAt = nextDueInMs === null ? Number.POSITIVE_INFINITY : performance.now() + nextDueInMs;
    const waitMs = Math.min(pollMs, nextDueInMs ?? pollMs);
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

  #answered(): void {
    this.#lastClaimAt = Date.now();
    if (this.#isFailing) this.#options.logger.info({ queue: this.#options.scripts.queue }, "claiming again");
    this.#isFailing = false;
  }

  // Logged once per outage instead of once per try; otherwise an hour's outage would log 3600 lines.
  #failed(error: unknown): void {
    if (this.#isFailing) return;
    this.#isFailing = true;
    const { queue } = this.#options.scripts;
    this.#options.sparing.warn({ queue, error: firstLine(error) }, "claiming failed; trying again");
  }
}
