import type { Handler, Logger, Observer } from "../core/index.js";
import type { Engine } from "../queue/internal.js";
import type { Middleware } from "./attempt/middleware.js";
import type { HungLimits } from "./leases/lease-protocol.js";

/** What a worker is made of. */
export interface WorkerOptions {
  /** What `createTelltale` answers. The worker uses its connections and does not close it. */
  readonly telltale: { readonly $engine: Engine };
  /** At most one for each kind. A queue is claimed from only when every kind that uses it has a handler here. */
  readonly handlers: readonly Handler[];
  /** Attempts at the same time, over all queues, 1 to 1000. @default 10 */
  readonly concurrency?: number | undefined;
  /** Runs around every handler, first one outermost. */
  readonly use?: readonly Middleware[] | undefined;
  /** How long an attempt outlives a dead worker, ms, from 300. @default 30000 */
  readonly leaseMs?: number | undefined;
  /** How long handlers have to return once the worker stops, ms. @default 10000 */
  readonly graceMs?: number | undefined;
  /** Where warnings and what happens is told; `false` for silence. @default the logger of `telltale` */
  readonly logger?: Logger | false | undefined;
  /** Receives what the worker does as data; see docs/observer.md. @default the observer of `telltale` */
  readonly observer?: Observer | readonly Observer[] | undefined;
  /** Reports of progress closer than this are merged, ms. @default 100 */
  readonly progressMs?: number | undefined;
  /** How often to look for due, lost and waiting jobs where nothing tells of them, ms. @default 1000 */
  readonly pollMs?: number | undefined;
  /** When a handler that blocks its process is ended with it. @default 10000 ms past its timeout and 10000 ms silent */
  readonly hung?: HungLimits | undefined;
}
