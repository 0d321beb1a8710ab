import type { ObserverEvent } from "../../core/index.js";
import type { ConnectionOptions } from "../../queue/index.js";
import type { Lease, QueueRetention, WorkerState } from "../../queue/internal.js";

/** Identifies a lease. The job id is not enough, because a job can return while its old attempt is still running. */
export function leaseKey({ id, fence }: Lease): string {
  return `${id} ${fence}`;
}

/** A lease to extend, with the data the thread needs to fail its attempt if the main thread hangs. */
export interface HeldLease extends Lease {
  readonly queue: string;
  readonly timeoutMs: number;
  /** The contract's delay before the next attempt, if the handler hangs. */
  readonly retryInMs: number;
  readonly attempt: number;
  /** When the worker claimed the job: Redis's time, ms since 1970. */
  readonly since: number;
  /** When the main thread took it; see `sharedNow`. */
  readonly heldAt: number;
}

/** The time by a clock that both threads read alike and that is never set, ms. */
export function sharedNow(): number {
  return performance.timeOrigin + performance.now();
}

/** When a handler counts as hung. Both limits must be exceeded. */
export interface HungLimits {
  /** Time since the handler's timeout, in ms. */
  readonly pastTimeoutMs: number;
  /** Time without a turn of the main thread's event loop, in ms. */
  readonly silentMs: number;
}

/** The thread's worker data, which must be plain data. */
export interface LeaseThreadSettings {
  readonly connection: ConnectionOptions;
  readonly prefix: string;
  readonly queues: readonly { readonly queue: string; readonly retention: QueueRetention }[];
  readonly leaseMs: number;
  readonly extendMs: number;
  readonly hung: HungLimits;
  /** The encoded error of attempts whose handler hangs. */
  readonly hungError: string;
  /** The format in which the thread writes to stderr why it kills the process, without the main thread's loggers. */
  readonly farewell: "text" | "json" | "none";
  /** Whether the worker has an observer. */
  readonly isObserved: boolean;
  /** An Int32Array with one element, which the main thread increments while its event loop turns. */
  readonly beat: SharedArrayBuffer;
  /** The memory of a `LeaseTable`. */
  readonly leases: SharedArrayBuffer;
}

/** What the worker told about itself with its latest beat. */
export interface ToldState {
  readonly entry: string;
  readonly startedAt: number | null;
  readonly state: WorkerState;
}

/** Messages from the main thread. */
export type ToLeaseThread =
  /** The memory of a larger `LeaseTable`, which it uses from now on. */
  { readonly type: "leases"; readonly leases: SharedArrayBuffer } | { readonly type: "told"; readonly told: ToldState };

/** Messages to the main thread. */
export type FromLeaseThread =
  | { readonly type: "ready" }
  | { readonly type: "extended"; readonly at: number }
  | { readonly type: "lost" | "cancelled"; readonly lease: Lease }
  | { readonly type: "trouble"; readonly error: string }
  /** An event for the observers, which run in the main thread. */
  | { readonly type: "observed"; readonly event: ObserverEvent };
