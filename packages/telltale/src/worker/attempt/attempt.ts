import {
  type AbortCause,
  type AnyJob,
  AttemptAborted,
  type Handler,
  type HandlerContext,
  hasCode,
  LIMITS,
  type Logger,
  type SubmitOptions,
} from "../../core/index.js";
import { assertNever, decode, stderrLogger } from "../../core/internal.js";
import { firstLine } from "../../queue/index.js";
import { type Engine, type LeasedJob, parseInput, type QueueScripts, retryDelayMs } from "../../queue/internal.js";
import type { LeaseKeeper } from "../leases/lease-keeper.js";
import { leaseKey } from "../leases/lease-protocol.js";
import type { AttemptStory } from "./attempt-story.js";
import { Children } from "./children.js";
import { ChunkStream } from "./chunk-stream.js";
import { runAs } from "./current-attempt.js";
import type { DroppedValues, Reported } from "./dropped-values.js";
import { errorDetail } from "./error-detail.js";
import { type Middleware, runInside } from "./middleware.js";
import { persist } from "./persist.js";
import { ProgressReports } from "./progress-reports.js";
import { storable } from "./storable.js";
import { tellFailure } from "./tell-failure.js";
import { ThrownFailures } from "./thrown-failures.js";
import { upgraded } from "./upgraded.js";
import { failed, storedError, type Verdict } from "./verdict.js";

export interface AttemptOptions {
  readonly job: LeasedJob;
  /** When the claim that returned the job was sent, by `performance.now()`. */
  readonly claimedAt: number;
  readonly engine: Engine;
  readonly scripts: QueueScripts;
  readonly contract: AnyJob;
  readonly handler: Handler;
  readonly use: readonly Middleware[];
  readonly keeper: LeaseKeeper;
  readonly leaseMs: number;
  readonly progressMs: number;
  readonly logger: Logger;
  /** Undefined if there is no observer. */
  readonly story: AttemptStory | undefined;
  /** Logs dropped progress reports and chunks, once per kind for the whole worker. */
  readonly dropped: DroppedValues;
}

const LATE_MS = 10_000;
const OUTPUT = { value: "The output", schema: "the contract's `output` schema" };

/** One execution of a job, from its claim to the call that settles it. */
export class Attempt {
  readonly #options: AttemptOptions;
  readonly #logger: Logger;
  /**
   * Handler errors are logged in full only to the process's own stderr, because a custom logger may send them
   * elsewhere.
   */
  readonly #isOwnStderr: boolean;
  readonly #abort = new AbortController();
  #cause: AbortCause | null = null;
  /** Aborts the repeats of Redis calls whose result no longer matters. */
  readonly #giveUp = new AbortController();
  /** Resolves when the attempt ends before its handler returns, for example after a timeout. */
  readonly #ended: Promise<Verdict>;
  #end: (verdict: Verdict) => void = () => {};
  readonly #failures: ThrownFailures;
  readonly #progress: ProgressReports;
  readonly #chunks: ChunkStream;
  readonly #children: Children;

  constructor(options: AttemptOptions) {
    const { job, scripts, contract, progressMs } = options;
    this.#options = options;
    this.#isOwnStderr = options.logger === stderrLogger;
    const about = { id: job.id, kind: job.kind, attempt: job.attempt };
    this.#logger = {
      debug: (data, message) => options.logger.debug({ ...about, ...data }, message),
      info: (data, message) => options.logger.info({ ...about, ...data }, message),
      warn: (data, message) => options.logger.warn({ ...about, ...data }, message),
      error: (data, message) => options.logger.error({ ...about, ...data }, message),
    };
    this.#ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#failures = new ThrownFailures(contract, job);
    const onLeaseLost = (): void => this.loseLease();
    const lease = { id: job.id, fence: job.fence };
    this.#progress = new ProgressReports({
      onLeaseLost,
      onDropped: (error) => this.#tellDropped("progress", error),
      schema: contract.progress,
      everyMs: progressMs,
      send: async (pending) => {
        await scripts.progress({ ...lease, ...pending });
        options.story?.progressed();
      },
    });
    this.#chunks = new ChunkStream({
      onLeaseLost,
      onDropped: (error) => this.#tellDropped("chunk", error),
      schema: contract.chunk,
      send: (batch) => scripts.chunk({ ...lease, ...batch }),
      signal: this.#giveUp.signal,
    });
    this.#children = new Children({ engine: options.engine, job, signal: this.#abort.signal });
  }

  /** The job's cancellation was requested. If the handler then throws, the job is settled as `cancelled`. */
  cancel(): void {
    this.#abortWith("cancelled");
  }

  /** The worker is shutting down. The handler may still return a result. */
  shutDown(): void {
    this.#abortWith("shutdown");
  }

  /** The grace period is over. Releases the job without using up an attempt, even if its handler is still running. */
  giveBack(): void {
    this.#end({ type: "release" });
  }

  /** Code of the handler threw an error that nothing caught, and the process is about to end. Fails the attempt. */
  async crash(error: unknown): Promise<void> {
    this.#end(await this.#failures.verdict(error));
  }

  /** The lease was lost, so another worker may have the job. Nothing more is written for this attempt. */
  loseLease(): void {
    this.#options.story?.leaseLost();
    this.#children.close();
    this.#abortWith("lease_lost");
    this.#end({ type: "forget" });
    this.#giveUp.abort();
  }

  /** Gives up calls that Redis does not answer. The lease then expires. */
  abandon(): void {
    this.#giveUp.abort();
  }

  /** Runs the handler and settles the attempt. Never rejects. */
  async run(): Promise<void> {
    const { job, queue, contract, keeper, story } = { ...this.#options, queue: this.#options.scripts.queue };
    const retryInMs = retryDelayMs(contract.backoff, job.attempt);
    const hung = { error: storedError("handler_hung"), retryInMs };
    keeper.hold({ queue, id: job.id, fence: job.fence, timeoutMs: contract.timeoutMs, hung });
    try {
      if (await this.#isStillHeld()) {
        this.#logger.debug({}, "attempt started");
        story?.started();
        await this.#settle(await this.#outcome());
      }
    } catch (error) {
      if (hasCode(error, "lease_lost") || hasCode(error, "not_found")) {
        this.#logger.warn({}, "the lease was lost: what the attempt came to is dropped");
        this.loseLease();
        story?.ended("lease_lost");
      } else {
        story?.ended("unsettled");
        this.#logger.error({ error: firstLine(error) }, "the attempt could not be settled: its lease will run out");
      }
    } finally {
      keeper.drop(job);
    }
  }

  // If the claim took long to return, its lease may be about to expire, so it is extended before the handler runs. The
  // same applies to the extension itself, hence the loop.
  async #isStillHeld(): Promise<boolean> {
    const { job, scripts, claimedAt, leaseMs } = this.#options;
    const lease = { id: job.id, fence: job.fence };
    let askedAt = claimedAt;
    while (performance.now() - askedAt >= leaseMs / 2) {
      const extend = (): ReturnType<QueueScripts["extend"]> => {
        askedAt = performance.now();
        return scripts.extend([lease], leaseMs);
      };
      const [word] = await persist(extend, this.#giveUp.signal);
      if (word === "cancel_requested") this.cancel();
      if (word === "lease_lost") this.#options.story?.leaseLost();
      if (word === "lease_lost" || this.#giveUp.signal.aborted) return false;
    }
    return true;
  }

  async #outcome(): Promise<Verdict> {
    const { contract, job } = this.#options;
    let hasReturned = false;
    const work = this.#work().finally(() => {
      hasReturned = true;
    });
    const timer = setTimeout(() => {
      this.#abortWith("timeout");
      this.#end(failed("timeout", retryDelayMs(contract.backoff, job.attempt)));
    }, contract.timeoutMs);
    const verdict = await Promise.race([work, this.#ended]);
    clearTimeout(timer);
    this.#options.story?.handled();
    if (!hasReturned) this.#warnWhenLate(work);
    return verdict;
  }

  async #work(): Promise<Verdict> {
    const { contract, job } = this.#options;
    let stored: unknown;
    try {
      stored = decode(job.input);
    } catch (error) {
      return failed("corrupt", null, errorDetail(error));
    }
    let input: unknown;
    try {
      input = await parseInput(contract.input, await upgraded(contract, job.version, stored));
    } catch (error) {
      return failed("invalid_input", null, errorDetail(error));
    }
    let output: unknown;
    try {
      output = await this.#handle(input);
    } catch (thrown) {
      // An error caused by the shutdown must not count as a failure of the job.
      if (this.#cause === "shutdown" && !this.#failures.isMade(thrown)) return { type: "release" };
      return this.#failures.verdict(thrown);
    }
    const mistake = this.#failures.returned(output);
    if (mistake !== undefined) return failed("invalid_output", null, mistake);
    try {
      const parsed: unknown = await parseInput(contract.output, output, OUTPUT);
      return { type: "complete", output: storable("output", parsed, LIMITS.outputBytes) };
    } catch (error) {
      return failed("invalid_output", null, errorDetail(error));
    }
  }

  #handle(input: unknown): Promise<unknown> {
    const { job, handler, use } = this.#options;
    const { signal } = this.#abort;
    const { id, kind, owner, tags, attempt, fence } = job;
    const context = {
      input,
      progress: (value: unknown) => this.#progress.report(value),
      chunk: (value: unknown) => this.#chunks.write(value),
      signal,
      attempt,
      fence,
      fail: (code: string, data: unknown) => this.#failures.fail(code, data),
      retryAfter: (delay) => this.#failures.retryAfter(delay),
      submit: (target: AnyJob | string, value: unknown, options?: SubmitOptions) =>
        this.#children.submit(target, value, options),
      job: { id, owner, tags },
    } satisfies HandlerContext<AnyJob>;
    const about = { kind, id, attempt, fence, owner, tags, signal };
    return runAs(leaseKey(job), () => runInside(use, about, async () => handler.run(context)));
  }

  async #settle(verdict: Verdict): Promise<void> {
    const { job, scripts, leaseMs, story } = this.#options;
    const { signal } = this.#giveUp;
    const lease = { id: job.id, fence: job.fence };
    // By this time the lease has expired, so Redis would only answer that it is lost.
    const deadline = setTimeout(() => this.#giveUp.abort(), 2 * leaseMs);
    try {
      this.#children.close();
      const pending = this.#progress.close();
      if (verdict.type === "forget") {
        story?.ended("lease_lost");
        return;
      }
      await this.#chunks.flush();
      switch (verdict.type) {
        case "complete":
          await persist(() => scripts.complete({ ...lease, output: verdict.output, pending }), signal);
          this.#logger.debug({ status: "completed" }, "attempt settled");
          if (pending) story?.progressed();
          story?.ended("completed");
          return;
        case "fail": {
          const { error, retryInMs } = verdict;
          const status = await persist(() => scripts.fail({ ...lease, error, retryInMs, pending }), signal);
          tellFailure(this.#logger, { verdict, status, attempts: job.attempts, withStack: this.#isOwnStderr });
          if (pending) story?.progressed();
          story?.ended(status, {
            code: status === "cancelled" ? null : verdict.code,
            retryInMs: status === "retrying" ? retryInMs : null,
          });
          return;
        }
        case "release": {
          if (pending) await persist(() => scripts.progress({ ...lease, ...pending }), signal).catch(() => {});
          const [word] = await persist(() => scripts.release([lease]), signal);
          this.#logger.info({ status: word }, "attempt returned to the queue");
          story?.ended(word === "cancelled" || word === "lease_lost" ? word : "released");
          return;
        }
        default:
          assertNever(verdict);
      }
    } finally {
      clearTimeout(deadline);
    }
  }

  #abortWith(cause: AbortCause): void {
    if (this.#cause !== null) return;
    this.#cause = cause;
    this.#abort.abort(new AttemptAborted(cause));
  }

  #tellDropped(what: Reported, error: unknown): void {
    const { contract, dropped } = this.#options;
    const isDeclared = contract[what] !== undefined;
    dropped.tell(this.#logger, { what, kind: contract.kind, isDeclared, error, withPaths: this.#isOwnStderr });
  }

  #warnWhenLate(work: Promise<unknown>): void {
    const timer = setTimeout(
      () =>
        this.#logger.warn(
          { cause: this.#cause, lateMs: LATE_MS },
          "a handler ignores its abort signal and goes on; pass `signal` to whatever it waits for",
        ),
      LATE_MS,
    );
    // The timer must not keep a stopped process alive.
    timer.unref();
    void work.finally(() => clearTimeout(timer));
  }
}
