import type { Contender } from "../contenders/contender.js";
import type { Percentiles } from "../measure/percentile.js";

/** How watchers connect: as a bare socket that reads frames, or with the SDK. */
export type Way = Extract<Contender, "telltale" | "ws" | "socket.io" | "trpc"> | "sdk";

/** How callers submit jobs and wait for results, through a server. */
export type CallerWay = Extract<Way, "sdk" | "trpc" | "ws">;

/** What the process with the clients of a server can be asked to do. */
export type ClientCalls = {
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
  /** Calls one job after another, each after the result of the last and a pause. */
  callEach(job: { readonly way: CallerWay; readonly port: number; readonly count: number }): Promise<Percentiles>;
  /** Calls jobs at a rate, however late the results are. Latency counts from when a job was due. */
  callAtRate(job: {
    readonly way: CallerWay;
    readonly port: number;
    readonly perSecond: number;
    readonly seconds: number;
  }): Promise<Called>;
};

interface Called {
  readonly latency: Percentiles;
  /** Calls without a result, because the contender was overloaded and the client gave up. */
  readonly failed: number;
  /** Results per second, until the last. Lower than the rate if the contender could not keep up. */
  readonly perSecond: number;
}

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
