import type { Redis } from "ioredis";
import type { Logger } from "../../core/index.js";
import type { Observe } from "../../core/internal.js";
import { DEMOTED } from "./demoted.js";
import { firstLine } from "./redis-error.js";

/** How long a connection may be down without an error before it is reported. With the timer's period, less than two seconds. */
const FIRST_MS = 1_500;
const AGAIN_MS = 10_000;

interface Down {
  readonly name: string;
  readonly since: number;
  isObserved: boolean;
}

/**
 * Watches the connections of one engine and logs while Redis is down, once for all of them: at once if there is an error, or else
 * within two seconds, and then every ten seconds.
 */
export class ConnectionWatch {
  readonly #logger: Logger;
  readonly #address: string;
  readonly #observe: Observe | undefined;
  /** The connections that are down, and since when. */
  readonly #down = new Map<Redis, Down>();
  #timer: NodeJS.Timeout | null = null;
  #isTold = false;
  #demotedToldAt = Number.NEGATIVE_INFINITY;
  #last: unknown;
  #isClosed = false;

  constructor(options: Readonly<{ logger: Logger; address: string; observe: Observe | undefined }>) {
    this.#logger = options.logger;
    this.#address = options.address;
    this.#observe = options.observe;
  }

  /** Watches a new connection. */
  watch(redis: Redis, name: string): void {
    // The connection is still being opened.
    if (redis.status !== "ready") this.#downSinceNow(redis, name);
    redis.on("ready", () => this.#restored(redis));
    redis.on(DEMOTED, () => this.#tellDemoted());
    redis.on("close", () => {
      this.#downSinceNow(redis, name);
      this.#observeLost(redis);
    });
    redis.on("error", (error: unknown) => {
      this.#last = error;
      if (!this.#isTold) this.#tell();
    });
  }

  /** Stops watching. Connections that are closed later are closed on purpose. Safe to call twice. */
  close(): void {
    this.#isClosed = true;
    if (this.#timer) clearTimeout(this.#timer);
  }

  // The address may lead to the old primary for a while, and then each new connection finds this out again.
  #tellDemoted(): void {
    const now = performance.now();
    if (this.#isClosed || now - this.#demotedToldAt < AGAIN_MS) return;
    this.#demotedToldAt = now;
    this.#logger.warn({ address: this.#address }, "redis has become a replica; connecting again to find the primary");
  }

  #downSinceNow(redis: Redis, name: string): void {
    if (this.#isClosed || this.#down.has(redis)) return;
    this.#down.set(redis, { name, since: performance.now(), isObserved: false });
    if (this.#down.size === 1 && !this.#isTold) this.#tellIn(FIRST_MS);
  }

  #observeLost(redis: Redis): void {
    const down = this.#down.get(redis);
    if (!down || down.isObserved) return;
    down.isObserved = true;
    this.#observe?.({ type: "connection.lost", connection: down.name });
  }

  #restored(redis: Redis): void {
    const down = this.#down.get(redis);
    this.#down.delete(redis);
    if (down?.isObserved) {
      const downMs = performance.now() - down.since;
      this.#observe?.({ type: "connection.restored", connection: down.name, downMs });
    }
    if (this.#down.size > 0) return;
    if (this.#timer) clearTimeout(this.#timer);
    if (this.#isTold) this.#logger.info({ address: this.#address }, "redis answers again");
    this.#isTold = false;
    this.#last = undefined;
  }

  #tellIn(ms: number): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (this.#down.size > 0) this.#tell();
      else this.#isTold = false;
    }, ms);
    // The timer must not keep the process alive. The connection does.
    this.#timer.unref();
  }

  #tell(): void {
    if (this.#isClosed) return;
    this.#isTold = true;
    this.#tellIn(AGAIN_MS);
    const waiting = [...this.#down.values()];
    const waitedMs = Math.round(performance.now() - Math.min(performance.now(), ...waiting.map(({ since }) => since)));
    const error = this.#last === undefined ? {} : { error: firstLine(this.#last) };
    const connections = waiting.map(({ name }) => name);
    this.#logger.warn({ address: this.#address, connections, waitedMs, ...error }, "waiting for redis");
  }
}
