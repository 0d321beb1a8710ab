import { firstLine } from "../../queue/index.js";
import type { Lease, LeaseScripts } from "../../queue/internal.js";
import { jittered } from "../waiting.js";
import { type FromLeaseThread, type HeldLease, leaseKey } from "./lease-protocol.js";

/** The leases to extend. */
export interface HeldLeases {
  values(): Iterable<HeldLease>;
  has(lease: Lease): boolean;
}

export interface LeaseExtenderOptions {
  readonly held: HeldLeases;
  readonly scripts: (queue: string) => Pick<LeaseScripts, "extend"> | undefined;
  readonly leaseMs: number;
  readonly extendMs: number;
  readonly tell: (news: FromLeaseThread) => void;
}

const LEASES_A_CALL = 100;
/**
 * Delay before the next try after a failure, in ms. It is short because two thirds of the lease remain and Redis can
 * restart within a second.
 */
const RETRY_MS = 500;

/** Extends leases every `extendMs` between `start` and `stop`, with one call per queue. */
export class LeaseExtender {
  readonly #options: LeaseExtenderOptions;
  /** The leases that were reported as lost and are still held. */
  #lost = new Set<string>();
  #timer: NodeJS.Timeout | null = null;
  #isRunning = false;

  constructor(options: LeaseExtenderOptions) {
    this.#options = options;
  }

  /** Safe to call twice. */
  start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#next(this.#options.extendMs);
  }

  /** Safe to call before `start`, and twice. */
  stop(): void {
    this.#isRunning = false;
    if (this.#timer) clearTimeout(this.#timer);
  }

  #next(ms: number): void {
    if (this.#isRunning) this.#timer = setTimeout(() => void this.#extendAll(), jittered(ms));
  }

  async #extendAll(): Promise<void> {
    const byQueue = new Map<string, HeldLease[]>();
    const lost = new Set<string>();
    for (const lease of this.#options.held.values()) {
      const key = leaseKey(lease);
      if (this.#lost.has(key)) lost.add(key);
      else byQueue.set(lease.queue, [...(byQueue.get(lease.queue) ?? []), lease]);
    }
    this.#lost = lost;
    const extended = await Promise.all(Array.from(byQueue, ([queue, leases]) => this.#extendQueue(queue, leases)));
    this.#next(extended.includes(false) ? Math.min(RETRY_MS, this.#options.extendMs) : this.#options.extendMs);
  }

  async #extendQueue(queue: string, leases: readonly HeldLease[]): Promise<boolean> {
    const { leaseMs, tell } = this.#options;
    const scripts = this.#options.scripts(queue);
    if (!scripts) return true;
    try {
      for (let i = 0; i < leases.length; i += LEASES_A_CALL) {
        const some = leases.slice(i, i + LEASES_A_CALL).map(({ id, fence }) => ({ id, fence }));
        const words = await scripts.extend(some, leaseMs);
        tell({ type: "extended", at: Date.now() });
        for (const [j, lease] of some.entries()) this.#heard(lease, words[j]);
      }
      return true;
    } catch (error) {
      tell({ type: "trouble", error: firstLine(error) });
      return false;
    }
  }

  #heard(lease: Lease, word: Awaited<ReturnType<LeaseScripts["extend"]>>[number] | undefined): void {
    if (word === "cancel_requested") this.#options.tell({ type: "cancelled", lease });
    // A lease that was dropped meanwhile was settled, not lost.
    if (word !== "lease_lost" || !this.#options.held.has(lease)) return;
    this.#lost.add(leaseKey(lease));
    this.#options.tell({ type: "lost", lease });
  }
}
