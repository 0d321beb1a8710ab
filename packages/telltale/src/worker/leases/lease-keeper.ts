import { Worker as Thread } from "node:worker_threads";
import type { Logger } from "../../core/index.js";
import { assertNever, type Observe, sparingLogger } from "../../core/internal.js";
import { firstLine } from "../../queue/index.js";
import { type Engine, type Lease, retentionOf } from "../../queue/internal.js";
import { storedError } from "../attempt/verdict.js";
import { jittered, within } from "../waiting.js";
import { farewellFor } from "./farewell.js";
import { type HeldLeases, LeaseExtender } from "./lease-extender.js";
import {
  type FromLeaseThread,
  type HeldLease,
  type HungLimits,
  type LeaseThreadSettings,
  leaseKey,
  sharedNow,
  type ToLeaseThread,
  type ToldState,
} from "./lease-protocol.js";
import { LeaseTable } from "./lease-table.js";
import { LEASE_THREAD } from "./lease-thread.generated.js";

export interface LeaseKeeperOptions {
  readonly engine: Engine;
  readonly queues: readonly string[];
  readonly leaseMs: number;
  readonly hung: HungLimits;
  readonly logger: Logger;
  readonly observe: Observe | undefined;
  readonly onLost: (lease: Lease) => void;
  readonly onCancelled: (lease: Lease) => void;
}

/**
 * Extends run three times per lease, and at least every 4 s. Their replies also report cancels whose message was lost,
 * and show that a worker without free slots is alive (at least every 5 s).
 */
const EXTENDS_A_LEASE = 3;
const MAX_EXTEND_MS = 4_000;
const RESTART_MS = 1_000;
const THREAD_START_MS = 5_000;
/** For this many leases there is memory at the start. It is doubled when they need more. */
const FIRST_SLOTS = 256;

/**
 * Extends the leases of a process from a separate thread with its own connection, so that the job of a handler that
 * blocks the event loop is not run a second time. While the thread is starting or has died, the main thread extends the
 * leases.
 */
export class LeaseKeeper {
  readonly #options: LeaseKeeperOptions;
  readonly #leases = new Map<string, { readonly lease: HeldLease; readonly slot: number }>();
  #table = LeaseTable.withSlots(FIRST_SLOTS);
  /** The slots of the table that are free. */
  #freeSlots = slotsBetween(0, FIRST_SLOTS);
  readonly #here: LeaseExtender;
  readonly #beat = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  readonly #extendMs: number;
  #thread: Thread | null = null;
  #heart: NodeJS.Timeout | null = null;
  #restart: NodeJS.Timeout | null = null;
  readonly #closing = new AbortController();
  #isReady: () => void = () => {};
  readonly #ready = new Promise<void>((resolve) => {
    this.#isReady = resolve;
  });
  readonly #trouble: Logger;
  #lastExtendAt: number | null = null;

  constructor(options: LeaseKeeperOptions) {
    this.#options = options;
    this.#trouble = sparingLogger(options.logger);
    const { engine, leaseMs } = options;
    this.#extendMs = Math.min(leaseMs / EXTENDS_A_LEASE, MAX_EXTEND_MS);
    const scripts = (queue: string): ReturnType<Engine["scripts"]> => engine.scripts(queue);
    const leases = this.#leases;
    const held: HeldLeases = {
      *values() {
        for (const { lease } of leases.values()) yield lease;
      },
      has: (lease) => leases.has(leaseKey(lease)),
    };
    this.#here = new LeaseExtender({
      held,
      scripts,
      leaseMs,
      extendMs: this.#extendMs,
      tell: (news) => this.#hear(news),
    });
  }

  /** When Redis last answered an extend, in ms since 1970, or null. */
  get lastExtendAt(): number | null {
    return this.#lastExtendAt;
  }

  /** Resolves once the thread is running, or after 5 s, so that jobs normally do not start without it. */
  async start(): Promise<void> {
    if (this.#closing.signal.aborted || this.#heart) return;
    const beat = new Int32Array(this.#beat);
    const beatMs = Math.min(1_000, this.#options.hung.silentMs / 5);
    this.#heart = setInterval(() => Atomics.add(beat, 0, 1), beatMs);
    this.#here.start();
    // The thread can only use the time of Redis. With a test clock, the main thread extends the leases.
    if (this.#options.engine.clock() !== undefined) return;
    this.#startThread();
    await within(this.#ready, THREAD_START_MS, this.#closing.signal);
  }

  /** From now on, the thread extends the lease even if the main thread blocks. */
  hold(taken: Omit<HeldLease, "heldAt">): void {
    const lease = { heldAt: sharedNow(), ...taken };
    if (this.#freeSlots.length === 0) this.#grow();
    const slot = this.#freeSlots.pop() ?? 0;
    this.#leases.set(leaseKey(lease), { lease, slot });
    this.#table.write(slot, lease);
  }

  drop(lease: Lease): void {
    const key = leaseKey(lease);
    const held = this.#leases.get(key);
    if (!held) return;
    this.#leases.delete(key);
    this.#table.clear(held.slot);
    this.#freeSlots.push(held.slot);
  }

  /** What the worker told with its latest beat. The thread beats for it while the main thread is blocked. */
  told(told: ToldState): void {
    this.#post({ type: "told", told });
  }

  /** Safe to call before `start`, and twice. */
  async close(): Promise<void> {
    this.#closing.abort();
    if (this.#heart) clearInterval(this.#heart);
    if (this.#restart) clearTimeout(this.#restart);
    this.#here.stop();
    await this.#thread?.terminate();
  }

  #startThread(): void {
    if (this.#closing.signal.aborted) return;
    let thread: Thread;
    try {
      thread = new Thread(LEASE_THREAD, {
        eval: true,
        workerData: this.#settings(),
        execArgv: [],
      });
    } catch (error) {
      this.#gone(null, error);
      return;
    }
    this.#thread = thread;
    thread.on("message", (news: FromLeaseThread) => this.#hear(news));
    thread.once("error", (error) => this.#gone(thread, error));
    thread.once("exit", (code) => this.#gone(thread, new Error(`it exited with code ${code}`)));
  }

  #gone(thread: Thread | null, error: unknown): void {
    if (this.#closing.signal.aborted || this.#thread !== thread) return;
    this.#thread = null;
    this.#options.logger.error({ error: firstLine(error) }, "the lease thread ended; starting another");
    this.#isReady();
    this.#here.start();
    this.#restart = setTimeout(() => this.#startThread(), jittered(RESTART_MS));
  }

  #settings(): LeaseThreadSettings {
    const { engine, queues, leaseMs, hung, logger, observe } = this.#options;
    return {
      connection: engine.connection,
      prefix: engine.prefix,
      queues: queues.map((queue) => ({ queue, retention: retentionOf(engine.jobs, queue) })),
      leaseMs,
      extendMs: this.#extendMs,
      hung,
      hungError: storedError("handler_hung"),
      farewell: farewellFor(logger),
      isObserved: observe !== undefined,
      beat: this.#beat,
      leases: this.#table.memory,
    };
  }

  #grow(): void {
    const { size } = this.#table;
    this.#table = LeaseTable.withSlots(2 * size);
    for (const { lease, slot } of this.#leases.values()) this.#table.write(slot, lease);
    this.#freeSlots = slotsBetween(size, 2 * size);
    this.#post({ type: "leases", leases: this.#table.memory });
  }

  #post(message: ToLeaseThread): void {
    this.#thread?.postMessage(message);
  }

  #hear(news: FromLeaseThread): void {
    switch (news.type) {
      case "ready":
        this.#here.stop();
        this.#isReady();
        return;
      case "extended":
        this.#lastExtendAt = news.at;
        return;
      case "trouble":
        this.#trouble.warn({ error: news.error }, "leases could not be extended; trying again");
        return;
      case "observed":
        this.#options.observe?.(news.event);
        return;
      case "lost":
        this.#options.onLost(news.lease);
        return;
      case "cancelled":
        this.#options.onCancelled(news.lease);
        return;
      default:
        assertNever(news);
    }
  }
}

/** Numbers of slots, the first one last, because they are taken from the end. */
function slotsBetween(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => to - 1 - i);
}
