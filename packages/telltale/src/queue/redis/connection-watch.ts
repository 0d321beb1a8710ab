import type { Logger } from "../../core/index.js";
import type { Observe } from "../../core/internal.js";
import type { Connection } from "./commands.js";
import { DEMOTED } from "./demoted.js";
import { firstLine } from "./redis-error.js";

/** How long a connection may be down without an error before this is logged. Below the two seconds that we promise, ms. */
const FIRST_MS = 1_500;
const AGAIN_MS = 10_000;
/** Errors that usually mean that `redis` or REDIS_URL is wrong. */
const WRONG_SETTINGS = /^(WRONGPASS|NOAUTH|NOPERM|ERR AUTH)\b|\bENOTFOUND\b/;
const NO_TLS = "no reply to the TLS handshake: if this Redis does not use TLS, write redis:// instead of rediss://";

interface Down {
  readonly name: string;
  readonly since: number;
  isObserved: boolean;
}

/**
 * Watches all connections of one engine, and logs while Redis is unavailable, with one line for all connections: immediately if there
 * is an error, otherwise within two seconds, and then every ten seconds.
 */
export class ConnectionWatch {
  readonly #logger: Logger;
  readonly #address: string;
  readonly #observe: Observe | undefined;
  /** The connections that are down, and since when. */
  readonly #down = new Map<Connection, Down>();
  #timer: NodeJS.Timeout | null = null;
  /** Whether the current outage was logged. */
  #isReported = false;
  #demotedReportedAt = Number.NEGATIVE_INFINITY;
  #last: unknown;
  #isClosed = false;
  #isTls = false;

  constructor(options: Readonly<{ logger: Logger; address: string; observe: Observe | undefined }>) {
    this.#logger = options.logger;
    this.#address = options.address;
    this.#observe = options.observe;
  }

  /** Watches a new connection. */
  watch(redis: Connection, name: string): void {
    // A new connection is down until it is first open. With the option lazyConnect, it waits for the first call.
    if (redis.status === "wait") redis.once("connecting", () => this.#downSinceNow(redis, name));
    else if (redis.status !== "ready") this.#downSinceNow(redis, name);
    this.#isTls = Boolean(redis.options.tls);
    redis.on("ready", () => this.#restored(redis));
    redis.on(DEMOTED, () => this.#reportDemoted());
    redis.on("close", () => {
      this.#downSinceNow(redis, name);
      this.#observeLost(redis);
    });
    redis.on("error", (error: unknown) => {
      this.#last = error;
      if (!this.#isReported) this.#report();
    });
  }

  /** Stops watching. Call it before closing the connections on purpose. Safe to call twice. */
  close(): void {
    this.#isClosed = true;
    if (this.#timer) clearTimeout(this.#timer);
  }

  // The address may lead to the old primary for a while, and then each new connection finds this out again.
  #reportDemoted(): void {
    const now = performance.now();
    if (this.#isClosed || now - this.#demotedReportedAt < AGAIN_MS) return;
    this.#demotedReportedAt = now;
    this.#logger.warn({ address: this.#address }, "redis has become a replica; connecting again to find the primary");
  }

  #downSinceNow(redis: Connection, name: string): void {
    if (this.#isClosed || this.#down.has(redis)) return;
    this.#down.set(redis, { name, since: performance.now(), isObserved: false });
    if (this.#down.size === 1 && !this.#isReported) this.#reportIn(FIRST_MS);
  }

  #observeLost(redis: Connection): void {
    const down = this.#down.get(redis);
    if (!down || down.isObserved) return;
    down.isObserved = true;
    this.#observe?.({ type: "connection.lost", connection: down.name });
  }

  #restored(redis: Connection): void {
    const down = this.#down.get(redis);
    this.#down.delete(redis);
    if (down?.isObserved) {
      const downMs = performance.now() - down.since;
      this.#observe?.({ type: "connection.restored", connection: down.name, downMs });
    }
    if (this.#down.size > 0) return;
    if (this.#timer) clearTimeout(this.#timer);
    if (this.#isReported) this.#logger.info({ address: this.#address }, "redis responds again");
    this.#isReported = false;
    this.#last = undefined;
  }

  #reportIn(ms: number): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (this.#down.size > 0) this.#report();
      else this.#isReported = false;
    }, ms);
    // The connection keeps the process alive, not this timer.
    this.#timer.unref();
  }

  #report(): void {
    if (this.#isClosed) return;
    this.#isReported = true;
    this.#reportIn(AGAIN_MS);
    const waiting = [...this.#down.values()];
    const waitedMs = Math.round(performance.now() - Math.min(performance.now(), ...waiting.map(({ since }) => since)));
    const connections = waiting.map(({ name }) => name);
    const why = this.#why();
    const data = { address: this.#address, connections, waitedMs, ...(why === "" ? {} : { error: why }) };
    if (WRONG_SETTINGS.test(why)) this.#logger.warn(data, "waiting for redis; check its address and its credentials");
    else this.#logger.warn(data, "waiting for redis");
  }

  // A Redis without TLS does not reply to the handshake, so there is no error before the timeout.
  #why(): string {
    const why = this.#last === undefined ? "" : firstLine(this.#last);
    return this.#isTls && /^$|ETIMEDOUT/.test(why) ? NO_TLS : why;
  }
}
