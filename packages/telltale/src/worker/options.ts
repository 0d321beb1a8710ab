import type { Handler, Logger, Observer } from "../core/index.js";
import type { Engine } from "../queue/internal.js";
import type { Middleware } from "./attempt/middleware.js";
import type { HungLimits } from "./leases/lease-protocol.js";

/** The options of `createWorker`. A number outside its range throws `invalid_config`. */
export interface WorkerOptions {
  /** The object that `createTelltale` returns. The worker uses its connections and does not close them. */
  readonly telltale: { readonly $engine: Engine };
  /**
   * At most one handler per job kind. The worker only claims from a queue if every kind on that queue has a handler
   * here. Throws `invalid_config` for two handlers of one kind or if no queue is complete, `unknown_kind` without a
   * contract.
   */
  readonly handlers: readonly Handler[];
  /**
   * The name under which operators see this worker and can drain it: 1 to 64 characters from A-Z a-z 0-9 . _ -. Several workers may have
   * the same one. @default the host name and the process id, as in `web-1-4711`
   */
  readonly name?: string | undefined;
  /** Maximum number of attempts that run at the same time, across all queues, 1 to 1000. @default 10 */
  readonly concurrency?: number | undefined;
  /** Middleware that wraps every handler. The first entry is the outermost. */
  readonly use?: readonly Middleware[] | undefined;
  /** Lease duration in ms, 300 to 3600000. After a worker dies, its leases expire within this time. @default 30000 */
  readonly leaseMs?: number | undefined;
  /** How long handlers may take to return after the worker starts to stop, in ms, 0 to 3600000. @default 10000 */
  readonly graceMs?: number | undefined;
  /** Receives log lines; `false` disables logging. @default the logger of `telltale` */
  readonly logger?: Logger | false | undefined;
  /**
   * Receives the worker's events as structured data; see https://github.com/telltale-jobs/telltale/blob/main/docs/observer.md.
   * @default the observer of `telltale`
   */
  readonly observer?: Observer | readonly Observer[] | undefined;
  /** Minimum time between two progress reports of an attempt, in ms, 0 to 60000. The latest wins. @default 100 */
  readonly progressMs?: number | undefined;
  /** How often to poll for due, lost and waiting jobs if no notification arrives, in ms, 10 to 4000. @default 1000 */
  readonly pollMs?: number | undefined;
  /**
   * When to kill the process because a handler blocks its event loop. Both limits must be exceeded.
   * @default 10000 ms past the handler's timeout and 10000 ms without an event loop turn
   */
  readonly hung?: HungLimits | undefined;
}
