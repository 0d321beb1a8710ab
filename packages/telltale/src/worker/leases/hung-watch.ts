import { writeSync } from "node:fs";
import { formatLine } from "../../core/internal.js";
import type { LeaseScripts } from "../../queue/internal.js";
import { within } from "../waiting.js";
import { findCulprit } from "./find-culprit.js";
import type { HeldLeases } from "./lease-extender.js";
import { type HeldLease, type HungLimits, type LeaseThreadSettings, leaseKey, sharedNow } from "./lease-protocol.js";

export interface HungWatchOptions {
  readonly scripts: (queue: string) => LeaseScripts | undefined;
  readonly leaseMs: number;
  readonly hung: HungLimits;
  readonly hungError: string;
  readonly farewell: LeaseThreadSettings["farewell"];
  readonly beat: Int32Array;
  readonly held: Pick<HeldLeases, "values">;
}

/** How long to wait until Redis says which attempts have ended. */
const CHECK_MS = 1_000;
/** How long to wait for Redis before the process is killed. If Redis is unavailable, the leases expire instead. */
const FAREWELL_MS = 3_000;
const FIND_MS = 1_000;

/**
 * Kills this process when its main thread hangs. Otherwise a handler in an endless loop would hold its lease forever,
 * and block every other job of the process. The attempt that hangs fails with `handler_hung`; the others are released.
 */
export class HungWatch {
  readonly #options: HungWatchOptions;
  readonly #tickMs: number;
  /** Attempts that have ended, which the main thread does not know because it blocks. */
  readonly #ended = new Set<string>();
  #beat = -1;
  #silentMs = 0;
  #tickedAt = performance.now();
  #timer: NodeJS.Timeout | null = null;

  constructor(options: HungWatchOptions) {
    this.#options = options;
    this.#tickMs = Math.min(1_000, options.hung.silentMs / 5);
  }

  start(): void {
    this.#timer = setInterval(() => this.#tick(), this.#tickMs);
  }

  #tick(): void {
    const now = performance.now();
    const beat = Atomics.load(this.#options.beat, 0);
    // A late tick counts as two at most, because the process may have been suspended or the machine asleep.
    this.#silentMs = beat === this.#beat ? this.#silentMs + Math.min(now - this.#tickedAt, 2 * this.#tickMs) : 0;
    if (beat !== this.#beat) this.#ended.clear();
    this.#beat = beat;
    this.#tickedAt = now;
    if (this.#silentMs < this.#options.hung.silentMs) return;
    const epochNow = sharedNow();
    const overdue = this.#held().filter(
      ({ heldAt, timeoutMs }) => epochNow - heldAt > timeoutMs + this.#options.hung.pastTimeoutMs,
    );
    if (overdue.length > 0) void this.#end(overdue);
  }

  #held(): HeldLease[] {
    return [...this.#options.held.values()].filter((lease) => !this.#ended.has(leaseKey(lease)));
  }

  async #end(overdue: readonly HeldLease[]): Promise<void> {
    if (this.#timer) clearInterval(this.#timer);
    const hanging = await this.#stillHeld(overdue);
    if (hanging.length === 0) {
      this.start();
      return;
    }
    const culprit = await findCulprit(FIND_MS);
    // The first attempt to become overdue is not always the one that hangs. Failing the wrong one would let the other
    // hang the next process. If the culprit cannot be found, all overdue attempts fail.
    const guilty = culprit?.leaseKey == null ? hanging.map(leaseKey) : [culprit.leaseKey];
    const held = this.#held();
    const { hungError } = this.#options;
    const calls = held.map(({ queue, id, fence, retryInMs }) => {
      const scripts = this.#options.scripts(queue);
      return guilty.includes(leaseKey({ id, fence }))
        ? scripts?.fail({ id, fence, retryInMs, error: hungError, code: "handler_hung", pending: null })
        : scripts?.release({ id, fence });
    });
    await within(Promise.allSettled(calls), FAREWELL_MS);
    say(this.#options.farewell, { hung: guilty, where: culprit?.where, held: held.length });
    process.kill(process.pid, "SIGKILL");
  }

  // The main thread learns a little late that an attempt has ended, and not at all while it blocks. So Redis is asked. An attempt about
  // which it does not answer counts as running.
  async #stillHeld(overdue: readonly HeldLease[]): Promise<readonly HeldLease[]> {
    const { scripts, leaseMs } = this.#options;
    const checks = overdue.map(async (lease) => {
      const [word] = (await scripts(lease.queue)?.extend([lease], leaseMs)) ?? [];
      if (word === "lease_lost") this.#ended.add(leaseKey(lease));
    });
    await within(Promise.allSettled(checks), CHECK_MS);
    return overdue.filter((lease) => !this.#ended.has(leaseKey(lease)));
  }
}

const FAREWELL = "a handler hung: killing this process";

// A thread's console writes through the main thread, which hangs.
function say(how: LeaseThreadSettings["farewell"], data: Readonly<Record<string, unknown>>): void {
  if (how === "none") return;
  const json = { level: 60, time: Date.now(), pid: process.pid, msg: FAREWELL, ...data };
  const line = how === "text" ? formatLine("error", data, FAREWELL) : JSON.stringify(json);
  try {
    writeSync(2, `${line}\n`);
  } catch {
    // The pipe is full or closed. The process is killed anyway.
  }
}
