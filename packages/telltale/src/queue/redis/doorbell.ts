import { type Logger, TelltaleError } from "../../core/index.js";
import type { Observe } from "../../core/internal.js";
import { onAbort } from "../../core/internal.js";
import type { Connection } from "./commands.js";
import { openConnection } from "./connection.js";
import type { ConnectionOptions } from "./connection-options.js";
import type { QueueKeys } from "./keys.js";
import { firstLine } from "./redis-error.js";
import { whenReady } from "./when-ready.js";

// How much longer than the server we wait, so that its reply can arrive.
const GRACE_MS = 1_000;

/**
 * The blocking pop (BRPOP) with which an idle worker waits for jobs. A ring only signals that there may be work, and jobs are claimed
 * by a separate script. So no job is lost if a ring is lost, or if the process that received it dies.
 */
export class Doorbell {
  readonly #options: ConnectionOptions;
  readonly #keys: QueueKeys;
  readonly #logger: Logger;
  readonly #observe: Observe | undefined;
  #downSince: number | null = null;
  #redis: Connection | null = null;

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
   * Waits for a ring, at most `timeoutMs`. Returns whether there was one. Never rejects: a connection that fails or does not reply in
   * time is replaced, and this returns false. The caller should poll for work after either result.
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

  /** Rings again, for another worker. Never rejects. A lost ring only causes a delay, because workers poll. */
  async passOn(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const redis = this.#connection();
    try {
      await bounded(redis.lpush(this.#keys.bell, "1"), GRACE_MS, signal);
    } catch {
      this.#drop(redis);
    }
  }

  /** Closes the connection. Safe to call twice. */
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

  #connection(): Connection {
    if (this.#redis) return this.#redis;
    const redis = openConnection(this.#options, "blocking");
    redis.on("error", () => {
      // The pop rejects with the same error, and `wait` logs it.
    });
    this.#redis = redis;
    return redis;
  }

  // An ioredis client that is disconnected during a reconnect never connects again, so a new one is opened next time.
  #drop(redis: Connection): void {
    if (this.#redis === redis) this.#redis = null;
    redis.disconnect();
  }

  async #pop(redis: Connection, timeoutMs: number): Promise<boolean> {
    await whenReady(redis, timeoutMs);
    return (await redis.brpop(this.#keys.bell, Math.max(timeoutMs, 1) / 1_000)) !== null;
  }
}

function bounded<T>(reply: Promise<T>, timeoutMs: number, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void =>
      settle(() => reject(new TelltaleError("closed", "Redis did not reply to the blocking pop in time")));
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
