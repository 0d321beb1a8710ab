import type { ObserverEvent } from "../../core/index.js";
import type { ConnectionOptions } from "../../queue/index.js";
import type { Lease, QueueRetention } from "../../queue/internal.js";

/** One lease among all that this process ever held: a job may come back while an old attempt of it is still around. */
export function leaseKey({ id, fence }: Lease): string {
  return `${id} ${fence}`;
}

/** A lease to be kept alive, with all that is needed to end its attempt when this process no longer can. */
export interface HeldLease extends Lease {
  readonly queue: string;
  readonly timeoutMs: number;
  /** How the attempt is failed when its handler hangs: `handler_hung`, encoded, and the contract's backoff. */
  readonly hung: { readonly error: string; readonly retryInMs: number | null };
}

/** When a handler counts as hung. Both limits must be exceeded. */
export interface HungLimits {
  /** Time since the handler's timeout, in ms. */
  readonly pastTimeoutMs: number;
  /** Time without a turn of the main thread's event loop, in ms. */
  readonly silentMs: number;
}

/** What the thread is started with: plain data. */
export interface LeaseThreadSettings {
  readonly connection: ConnectionOptions;
  readonly prefix: string;
  readonly queues: readonly { readonly queue: string; readonly retention: QueueRetention }[];
  readonly leaseMs: number;
  readonly extendMs: number;
  readonly hung: HungLimits;
  /** How this process says why it kills itself: to stderr, past the loggers of the main thread. */
  readonly farewell: "text" | "json" | "none";
  /** Whether somebody wants to know what the thread does. */
  readonly isObserved: boolean;
  /** An Int32Array of one: the main thread counts it up while its event loop turns. */
  readonly beat: SharedArrayBuffer;
}

/** From the main thread. */
export type ToLeaseThread =
  | { readonly type: "hold"; readonly lease: HeldLease }
  | { readonly type: "drop"; readonly lease: Lease };

/** To the main thread. */
export type FromLeaseThread =
  | { readonly type: "ready" }
  | { readonly type: "extended"; readonly at: number }
  | { readonly type: "lost" | "cancelled"; readonly lease: Lease }
  | { readonly type: "trouble"; readonly error: string }
  /** What the thread did, for the observers of the main thread. */
  | { readonly type: "observed"; readonly event: ObserverEvent };
