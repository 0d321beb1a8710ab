import type { Contender } from "../contenders/contender.js";
import type { Percentiles } from "../measure/percentile.js";

/** How watchers connect: as a bare socket that reads frames, or with the SDK. */
export type Way = Extract<Contender, "telltale" | "ws" | "socket.io" | "trpc"> | "sdk";

/** What the process with the watchers can be asked to do. */
export type WatcherCalls = {
  /** Adds watchers of a topic, each with a connection of its own except over the SDK. Resolves when all are subscribed. */
  watch(argument: {
    readonly way: Way;
    readonly port: number;
    readonly topic: string;
    readonly watchers: number;
  }): Promise<void>;
  /** Forgets what was delivered so far. */
  reset(argument: null): Promise<void>;
  report(argument: null): Promise<Delivered>;
};

export interface Delivered {
  readonly deliveries: number;
  /** Events that a watcher received twice, or after a later one. */
  readonly outOfOrder: number;
  /** Events that a watcher did not receive although it received a later one. */
  readonly skipped: number;
  /** The number of the last event that every watcher has. */
  readonly lastOfAll: number;
  /** From publishing to the watcher, in ms. */
  readonly latency: Percentiles;
}
