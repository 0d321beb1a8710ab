import { hasCode, type Logger, TelltaleError } from "../core/index.js";
import { sparingLogger } from "../core/internal.js";
import { firstLine } from "../queue/index.js";
import { ScheduleFiring } from "../queue/internal.js";
import { Attempts } from "./attempt/attempts.js";
import { ClaimLoop } from "./claiming/claim-loop.js";
import { Slots } from "./claiming/slots.js";
import { guardAgainstCrash } from "./crash-guard.js";
import { LeaseKeeper } from "./leases/lease-keeper.js";
import { Maintenance } from "./maintenance/maintenance.js";
import { QueueRest } from "./maintenance/queue-rest.js";
import { Presence } from "./presence/presence.js";
import { workerState } from "./presence/worker-state.js";
import { runUntilSignal } from "./run-until-signal.js";
import type { Settings } from "./settings.js";
import { tellWhenStaying } from "./tell-when-staying.js";
import { pause, repeatDelayMs, within } from "./waiting.js";

/** Shows whether a worker is making progress. Times are in ms since 1970, or null if it has not happened yet. */
export interface Liveness {
  /** When Redis last answered a claim. A worker with free slots claims at least every 5 s. */
  readonly lastClaimAt: number | null;
  /** When Redis last answered a lease extension. A worker with running attempts extends at least every 5 s. */
  readonly lastExtendAt: number | null;
  /** Attempts that are running now. */
  readonly running: number;
  /** Free slots, at most `concurrency`. */
  readonly free: number;
  /** When Redis last answered that it knows of this worker. A worker asks every 5 s, also while it is draining. */
  readonly lastBeatAt: number | null;
  /** Whether the worker claims no more jobs, because it was asked to drain or is stopping. */
  readonly draining: boolean;
}

/** The options of `Worker.stop`. */
export interface StopOptions {
  /** Ends the grace period when it aborts: jobs that are still running are released immediately. */
  readonly signal?: AbortSignal | undefined;
}

const RELEASE_MS = 2_000;
const LISTENING_MS = 2_000;
const LEAVE_MS = 1_000;

/** Claims jobs and runs their handlers until it is stopped. Created by `createWorker`. */
export class Worker implements AsyncDisposable {
  readonly #settings: Settings;
  readonly #sparing: Logger;
  readonly #slots: Slots;
  readonly #keeper: LeaseKeeper;
  readonly #attempts: Attempts;
  readonly #claims: ClaimLoop[] = [];
  readonly #background: Promise<void>[] = [];
  readonly #listenings: { close(): void }[] = [];
  readonly #presence: Presence;
  /** Aborts when no more jobs are to be claimed: when the worker is drained or stops. */
  readonly #draining = new AbortController();
  readonly #stopping = new AbortController();
  readonly #hurry = new AbortController();
  readonly #over = new AbortController();
  #started: Promise<void> | null = null;
  #stopped: Promise<void> | null = null;

  /** Use `createWorker`. */
  constructor(settings: Settings) {
    this.#settings = settings;
    this.#sparing = sparingLogger(settings.logger);
    this.#slots = new Slots(settings.concurrency);
    this.#keeper = new LeaseKeeper({
      ...settings,
      onLost: (lease) => this.#attempts.find(lease)?.loseLease(),
      onCancelled: (lease) => this.#attempts.find(lease)?.cancel(),
    });
    this.#attempts = new Attempts(settings, this.#keeper);
    this.#presence = new Presence({
      name: settings.workerName,
      id: settings.worker,
      registry: settings.engine.workers,
      state: () => workerState(settings, { attempts: this.#attempts, draining: this.#draining.signal.aborted }),
      onTold: (told) => this.#keeper.told(told),
      onDrain: () => this.drain(),
      sparing: this.#sparing,
      isConnected: () => settings.engine.isConnected,
    });
  }

  /** Identifies this worker in observer events and in lists of workers. Random, and different for each worker. */
  get id(): string {
    return this.#settings.worker;
  }

  /** The option `name`. Several workers can have the same one. */
  get name(): string {
    return this.#settings.workerName;
  }

  /** The queues that this worker claims from. */
  get queues(): readonly string[] {
    return this.#settings.queues;
  }

  get liveness(): Liveness {
    const claims = this.#claims.flatMap(({ lastClaimAt }) => lastClaimAt ?? []);
    return {
      lastClaimAt: claims.length > 0 ? Math.max(...claims) : null,
      lastExtendAt: this.#keeper.lastExtendAt,
      running: this.#attempts.size,
      free: this.#slots.free,
      lastBeatAt: this.#presence.lastBeatAt,
      draining: this.#draining.signal.aborted,
    };
  }

  /**
   * Starts the worker and resolves once Redis has passed its configuration check and claiming has begun. `createWorker`
   * calls it for you; calling it again is safe. Keeps waiting while Redis is unavailable. Rejects with
   * `unsupported_redis` if Redis cannot be used for jobs, and with `closed` if the worker was stopped.
   */
  start(): Promise<void> {
    this.#started ??= this.#start();
    return this.#started;
  }

  /**
   * Runs until SIGTERM or SIGINT, then shuts down gracefully; a second signal ends the grace period. Signals within half a
   * second count as one, because process managers often send two. Resolves once the worker has stopped, including after a
   * call to `stop`. Rejects if the worker cannot start.
   *
   * An uncaught exception or unhandled rejection still ends the process, with exit code 1, but its jobs return to the queue
   * first: the job that caused it fails with `handler_error`, and the others use up no attempt. If your application has
   * its own listener for `uncaughtException`, that decides instead.
   *
   * The connections of `createTelltale` keep the process alive. Close them afterwards with
   * `await telltale[Symbol.asyncDispose]()`, or declare `telltale` with `await using`. If they stay open, a log line
   * warns about it.
   */
  async run(): Promise<void> {
    const removeGuard = guardAgainstCrash(this, this.#settings.logger);
    await runUntilSignal(this).finally(removeGuard);
    tellWhenStaying(this.#settings);
  }

  /**
   * Shuts down gracefully: stops claiming, aborts the handlers' signals, waits up to `graceMs` for them to return, and
   * releases the jobs that are still running without using up an attempt. Safe to call before `start` and more than
   * once. Never rejects.
   */
  stop({ signal }: StopOptions = {}): Promise<void> {
    if (signal?.aborted) this.#hurry.abort();
    signal?.addEventListener("abort", () => this.#hurry.abort(), { once: true });
    this.#stopped ??= this.#shutDown();
    return this.#stopped;
  }

  /**
   * Stops claiming jobs for good, as when an operator drains workers of this name. The jobs that run now continue, and the process stays
   * up: stop it when they have ended, or start it again to claim jobs. Meanwhile the worker also leaves the upkeep of its queues to
   * others: retries, schedules and lost jobs. Safe to call before `start`, and twice.
   */
  drain(): void {
    if (this.#draining.signal.aborted) return;
    this.#draining.abort();
    const { logger, worker, workerName } = this.#settings;
    logger.info(
      { worker, workerName, running: this.#attempts.size },
      "the worker claims no more jobs until it is restarted",
    );
    this.#presence.changed();
  }

  /**
   * Gives jobs back before an uncaught error ends the process. The attempt whose code threw it, `culprit`, fails with
   * `handler_error`. All other jobs are released without using up an attempt. Never rejects.
   */
  async crash(error: unknown, culprit: string | undefined): Promise<void> {
    await this.#attempts.crash(error, culprit);
    await this.stop({ signal: AbortSignal.abort() });
  }

  /** Resolves once the worker has stopped, no matter what stopped it. */
  async stopped(): Promise<void> {
    if (!this.#stopping.signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#stopping.signal.addEventListener("abort", () => resolve(), { once: true });
      });
    }
    await this.#stopped;
  }

  /** The same as `stop()`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #start(): Promise<void> {
    this.#settings.engine.require("worker");
    const listening = within(Promise.all(this.queues.map((queue) => this.#listen(queue))), LISTENING_MS);
    await Promise.all([this.#untilReady(), this.#keeper.start(), listening]);
    if (this.#stopping.signal.aborted)
      throw new TelltaleError("closed", "The worker was stopped before it had started");
    for (const queue of this.queues) this.#work(queue);
    this.#presence.start();
    const { logger, worker, workerName, concurrency } = this.#settings;
    logger.info({ worker, workerName, queues: this.queues, concurrency }, "worker started");
  }

  // Resolves once the worker is subscribed to cancel requests. Until then it learns of them from the next extend.
  #listen(queue: string): Promise<void> {
    const { engine } = this.#settings;
    const listening = engine.hub.onCancel(engine.keys(queue), (id, fence) =>
      this.#attempts.find({ id, fence })?.cancel(),
    );
    this.#listenings.push(listening);
    return listening.acknowledged;
  }

  #work(queue: string): void {
    const { engine, leaseMs, pollMs, logger, observe, worker, workerName } = this.#settings;
    const scripts = engine.scripts(queue);
    const stopping = this.#draining.signal;
    const by = { worker, workerName };
    const rest = new QueueRest();
    const claims = new ClaimLoop({
      ...{ scripts, rest, leaseMs, pollMs, logger, sparing: this.#sparing, observe, ...by },
      doorbell: engine.doorbell(queue),
      slots: this.#slots,
      begin: (claimed, onEnd) => this.#attempts.start(scripts, claimed, onEnd),
    });
    const schedules = new ScheduleFiring(engine, queue, { logger, observe });
    const maintenance = new Maintenance({
      ...{ scripts, rest, schedules, leaseMs, everyMs: pollMs, logger, sparing: this.#sparing, observe, ...by },
      isConnected: () => engine.isConnected,
    });
    this.#claims.push(claims);
    this.#own(claims.run({ stopping, over: this.#over.signal }));
    this.#own(maintenance.run(stopping));
  }

  // Loops handle all their errors, so a rejection is a bug in Telltale and must be logged.
  #own(loop: Promise<void>): void {
    const { logger } = this.#settings;
    this.#background.push(
      loop.catch((error: unknown) => logger.error({ error: firstLine(error) }, "a loop of the worker ended")),
    );
  }

  async #untilReady(): Promise<void> {
    for (let failures = 0; !this.#stopping.signal.aborted; failures++) {
      try {
        await this.#settings.engine.ready();
        return;
      } catch (error) {
        if (!hasCode(error, "redis_unavailable") && !hasCode(error, "outcome_unknown")) throw error;
        // The engine already logs a lost connection.
        if (this.#settings.engine.isConnected)
          this.#sparing.warn({ error: firstLine(error) }, "the worker waits for redis to be usable");
        await pause(repeatDelayMs(failures), this.#stopping.signal);
      }
    }
  }

  async #shutDown(): Promise<void> {
    const { graceMs, logger, worker, workerName } = this.#settings;
    this.#draining.abort();
    this.#stopping.abort();
    this.#presence.changed();
    // The caller of start receives its error.
    await this.#started?.catch(() => {});
    logger.info({ worker, workerName, running: this.#attempts.size }, "worker draining");
    this.#attempts.shutDown();
    const idle = Promise.all(this.#background).then(() => this.#attempts.idle());
    const isIdle = await within(idle, graceMs, this.#hurry.signal);
    this.#over.abort();
    if (!isIdle) {
      this.#attempts.giveBack();
      if (!(await within(idle, RELEASE_MS)))
        logger.error({ left: this.#attempts.size }, "not all jobs were returned to the queue");
      this.#attempts.abandon();
    }
    for (const listening of this.#listenings) listening.close();
    await Promise.all([this.#keeper.close(), within(this.#presence.leave(), LEAVE_MS)]);
    logger.info({ worker, workerName }, "worker stopped");
  }
}
