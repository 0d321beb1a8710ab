import type { Redis } from "ioredis";
import { type Logger, TelltaleError } from "../../core/index.js";
import type { Observe } from "../../core/internal.js";
import { onAbort } from "../../core/internal.js";
import { type ConnectionOptions, openConnection } from "./connection.js";
import type { QueueKeys } from "./keys.js";
import { firstLine } from "./redis-error.js";
import { whenReady } from "./when-ready.js";

// Added to the time that the server waits, for the reply to arrive.
const GRACE_MS = 1_000;

/**
 * The blocking pop on which an idle worker waits. A ring only signals that there may be work. Jobs are claimed by a separate script,
 * so no job is lost if a ring is lost, or is received by a process that dies.
 */
export class Doorbell {
  readonly #options: ConnectionOptions;
  readonly #keys: QueueKeys;
  readonly #logger: Logger;
  readonly #observe: Observe | undefined;
  #downSince: number | null = null;
  #redis: Redis | null = null;

  constructor(
    options: ConnectionOptions,
    keys: QueueKeys,
    { logger, observe }: Readonly<{ logger: Logger; observe: Observe | undefined }>,
  ) {
    this.#options = options;
    this.#keys = keys;
    this.#logger = logger;
    this.#observe = observe;
  }

  /**
   * Waits for a ring, at most `timeoutMs`. Returns whether there was one. Never rejects: a connection that fails, or does not reply
   * in time, is replaced, and the caller looks for work as after a ring.
   */
  async wait(timeoutMs: number, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return false;
    const redis = this.#connection();
    try {
      const isRung = await bounded(this.#pop(redis, timeoutMs), timeoutMs + GRACE_MS, signal);
      this.#restored();
      return isRung;
    } catch (error) {
      this.#drop(redis);
      if (!signal.aborted) {
        this.#lost();
        this.#logger.info({ queue: this.#keys.queue, error: firstLine(error) }, "doorbell connection replaced");
        await pause(Math.min(timeoutMs, 100 + Math.random() * 400), signal);
      }
      return false;
    }
  }

  /** Passes a ring that this worker cannot use on to another. Never rejects, because workers also look for work by themselves. */
  async passOn(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const redis = this.#connection();
    try {
      await bounded(redis.lpush(this.#keys.bell, "1"), GRACE_MS, signal);
    } catch {
      this.#drop(redis);
    }
  }

  /** Safe to call twice. */
  close(): void {
    if (this.#redis) this.#drop(this.#redis);
  }

  #lost(): void {
    if (this.#downSince !== null) return;
    this.#downSince = performance.now();
    this.#observe?.({ type: "connection.lost", connection: "doorbell" });
  }

  #restored(): void {
    if (this.#downSince === null) return;
    const downMs = performance.now() - this.#downSince;
    this.#downSince = null;
    this.#observe?.({ type: "connection.restored", connection: "doorbell", downMs });
  }

  #connection(): Redis {
    if (this.#redis) return this.#redis;
    const redis = openConnection(this.#options, "blocking");
    redis.on("error", () => {
      // The pop fails with the same error and reports it.
    });
    this.#redis = redis;
    return redis;
  }

  // After `disconnect` during a reconnect, a client of ioredis stays parked forever, so it is not used again.
  #drop(redis: Redis): void {
    if (this.#redis === redis) this.#redis = null;
    redis.disconnect();
  }

  async #pop(redis: Redis, timeoutMs: number): Promise<boolean> {
    await whenReady(redis, timeoutMs);
    return (await redis.brpop(this.#keys.bell, Math.max(timeoutMs, 1) / 1_000)) !== null;
  }
}

function bounded<T>(reply: Promise<T>, timeoutMs: number, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => settle(() => reject(new TelltaleError("closed", "The doorbell did not reply in time")));
    const timer = setTimeout(giveUp, timeoutMs);
    const forget = onAbort(signal, giveUp);
    reply.then(
      (value) => settle(() => resolve(value)),
      (error: unknown) => settle(() => reject(error)),
    );
    function settle(done: () => void): void {
      clearTimeout(timer);
      forget();
      done();
    }
  });
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    const forget = onAbort(signal, done);
    function done(): void {
      clearTimeout(timer);
      forget();
      resolve();
    }
  });
}
