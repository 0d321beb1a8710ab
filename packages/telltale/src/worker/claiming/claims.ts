import { randomUUID } from "node:crypto";
import type { WorkerIdentity } from "../../core/index.js";
import type { Claimed, QueueScripts } from "../../queue/internal.js";
import { pause, repeatDelayMs } from "../waiting.js";
import type { EventLoopTurns } from "./event-loop-turns.js";
import type { Slots } from "./slots.js";

export interface ClaimsOptions {
  readonly scripts: QueueScripts;
  readonly slots: Slots;
  readonly leaseMs: number;
  readonly worker: WorkerIdentity;
  /** The jobs of each answer start in a turn of their own. */
  readonly turns: EventLoopTurns;
  /** Called for each answer, and for each failure, which is followed by another try. */
  readonly onAnswer: (claimed: Claimed, claimedAt: number) => void;
  readonly onFailure: (error: unknown) => void;
}

/** The claims of one queue that follow each other, one at a time. */
export class Claims {
  readonly #options: ClaimsOptions;
  readonly #loop = randomUUID();

  constructor(options: ClaimsOptions) {
    this.#options = options;
  }

  /**
   * Claims jobs for `room` slots, which the caller has reserved. Tries again until Redis answers. Returns null if `over` aborts first.
   */
  // A claim without an answer may have taken jobs. Repeating it with the same request id returns those jobs.
  async next(room: number, over: AbortSignal): Promise<Claimed | null> {
    const { scripts, slots, leaseMs, worker, turns, onAnswer, onFailure } = this.#options;
    let request = randomUUID();
    let askedAt = performance.now();
    let held = room;
    for (let failures = 0; ; failures++) {
      const claimedAt = performance.now();
      try {
        const claimed = await scripts.claim({ loop: this.#loop, request, room, leaseMs, worker });
        await turns.next();
        slots.use(claimed.jobs.length, held);
        onAnswer(claimed, claimedAt);
        return claimed;
      } catch (error) {
        onFailure(error);
        // The claims of another queue may use the slots in the meantime.
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
}
