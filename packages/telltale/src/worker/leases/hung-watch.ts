import { writeSync } from "node:fs";
import { formatLine } from "../../core/internal.js";
import type { Lease, LeaseScripts } from "../../queue/internal.js";
import { within } from "../waiting.js";
import { findCulprit } from "./find-culprit.js";
import { type HeldLease, type HungLimits, type LeaseThreadSettings, leaseKey } from "./lease-protocol.js";

/** What a watch needs. */
export interface HungWatchOptions {
  readonly scripts: (queue: string) => LeaseScripts | undefined;
  readonly hung: HungLimits;
  readonly farewell: LeaseThreadSettings["farewell"];
  readonly beat: Int32Array;
}

/** Redis may be away too; the process goes all the same, and its leases run out. */
const FAREWELL_MS = 3_000;
const FIND_MS = 1_000;

/**
 * Ends this process when its main thread hangs: a handler in an endless loop would otherwise hold its lease for ever, and
 * every other job of the process with it. The attempt that hangs fails with `handler_hung`, the others are released.
 */
export class HungWatch {
  readonly #options: HungWatchOptions;
  readonly #held = new Map<string, HeldLease & { readonly heldAt: number }>();
  readonly #tickMs: number;
  #beat = -1;
  #silentMs = 0;
  #tickedAt = performance.now();
  #timer: NodeJS.Timeout | null = null;

  constructor(options: HungWatchOptions) {
    this.#options = options;
    this.#tickMs = Math.min(1_000, options.hung.silentMs / 5);
  }

  hold(lease: HeldLease): void {
    this.#held.set(leaseKey(lease), { ...lease, heldAt: performance.now() });
  }

  drop(lease: Lease): void {
    this.#held.delete(leaseKey(lease));
  }

  start(): void {
    this.#timer = setInterval(() => this.#tick(), this.#tickMs);
  }

  #tick(): void {
    const now = performance.now();
    const beat = Atomics.load(this.#options.beat, 0);
    // A tick counts as two at most: when the whole process was stopped, or the machine asleep, nobody hung.
    this.#silentMs = beat === this.#beat ? this.#silentMs + Math.min(now - this.#tickedAt, 2 * this.#tickMs) : 0;
    this.#beat = beat;
    this.#tickedAt = now;
    if (this.#silentMs < this.#options.hung.silentMs) return;
    const overdue = [...this.#held.values()].filter(
      ({ heldAt, timeoutMs }) => now - heldAt > timeoutMs + this.#options.hung.pastTimeoutMs,
    );
    if (overdue.length > 0) void this.#end(overdue);
  }

  async #end(overdue: readonly HeldLease[]): Promise<void> {
    if (this.#timer) clearInterval(this.#timer);
    const culprit = await findCulprit(FIND_MS);
    // The one that is overdue first need not be the one that hangs; blaming it would let the other hang the next process.
    // Where the culprit is not to be found, all that are overdue are suspects.
    const guilty = culprit?.leaseKey == null ? overdue.map(leaseKey) : [culprit.leaseKey];
    const held = [...this.#held.values()];
    const calls = held.map(({ queue, id, fence, hung }) => {
      const scripts = this.#options.scripts(queue);
      return guilty.includes(leaseKey({ id, fence }))
        ? scripts?.fail({ id, fence, ...hung, code: "handler_hung", pending: null })
        : scripts?.release({ id, fence });
    });
    await within(Promise.allSettled(calls), FAREWELL_MS);
    say(this.#options.farewell, { hung: guilty, where: culprit?.where, held: held.length });
    process.kill(process.pid, "SIGKILL");
  }
}

const FAREWELL = "a handler hung: killing this process";

// The main thread carries a thread's console, and it does not answer.
function say(how: LeaseThreadSettings["farewell"], data: Readonly<Record<string, unknown>>): void {
  if (how === "none") return;
  const json = { level: 60, time: Date.now(), pid: process.pid, msg: FAREWELL, ...data };
  const line = how === "text" ? formatLine("error", data, FAREWELL) : JSON.stringify(json);
  try {
    writeSync(2, `${line}\n`);
  } catch {
    // A full or closed pipe; the process goes all the same.
  }
}
