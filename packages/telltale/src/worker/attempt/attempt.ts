import {
  type AbortCause,
  type AnyJob,
  AttemptAborted,
  type Handler,
  type HandlerContext,
  hasCode,
  LIMITS,
  type RunningJob,
  type SubmitOptions,
} from "../../core/index.js";
import { assertNever, decode, redactText, sensitiveTexts, stderrLogger } from "../../core/internal.js";
import { firstLine } from "../../queue/index.js";
import { type Lease, type LeasedJob, parseInput, type QueueScripts, retryDelayMs } from "../../queue/internal.js";
import { AbortOnDemand } from "../abort-on-demand.js";
import type { ClaimedJob } from "../claiming/claim-loop.js";
import type { LeaseKeeper } from "../leases/lease-keeper.js";
import { leaseKey } from "../leases/lease-protocol.js";
import { AttemptLog } from "../log/attempt-log.js";
import type { Settings } from "../settings.js";
import { AttemptLogger } from "./attempt-logger.js";
import type { AttemptStory } from "./attempt-story.js";
import { Children } from "./children.js";
import { ChunkStream } from "./chunk-stream.js";
import { runAs } from "./current-attempt.js";
import type { DroppedValues, Reported } from "./dropped-values.js";
import { errorDetail } from "./error-detail.js";
import { runInside } from "./middleware.js";
import { persist } from "./persist.js";
import { ProgressReports } from "./progress-reports.js";
import { storable } from "./storable.js";
import { tellFailure } from "./tell-failure.js";
import { ThrownFailures } from "./thrown-failures.js";
import { upgraded } from "./upgraded.js";
import { failed, type Verdict } from "./verdict.js";

export interface AttemptOptions {
  readonly settings: Settings;
  readonly claimed: ClaimedJob;
  readonly scripts: QueueScripts;
  readonly contract: AnyJob;
  readonly handler: Handler;
  readonly keeper: LeaseKeeper;
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
  readonly #job: LeasedJob;
  readonly #lease: Lease;
  readonly #logger: AttemptLogger;
  readonly #abort = new AbortOnDemand();
  #cause: AbortCause | null = null;
  /** Aborts the repeats of Redis calls whose result no longer matters. */
  readonly #giveUp = new AbortOnDemand();
  /** The first verdict counts: the handler's, or an earlier one, for example after a timeout. */
  #early: Verdict | null = null;
  #end: (verdict: Verdict) => void = (verdict) => {
    this.#early ??= verdict;
  };
  // Created when the handler first uses them, because most handlers do not.
  #failures: ThrownFailures | null = null;
  #progress: ProgressReports | null = null;
  #chunks: ChunkStream | null = null;
  #children: Children | null = null;
  #log: AttemptLog | null = null;
  /** The input as it is stored and as the contract parsed it, as far as the attempt has come. */
  readonly #inputs: unknown[] = [];
  /** The handler may go on after its attempt is over, but it reports nothing more. */
  #isOver = false;

  constructor(options: AttemptOptions) {
    const { job } = options.claimed;
    this.#options = options;
    this.#job = job;
    this.#lease = { id: job.id, fence: job.fence };
    this.#logger = new AttemptLogger(options.settings.logger, job);
  }

  /** The job that it runs, and when the worker claimed it: Redis's time, ms since 1970. */
  get running(): RunningJob {
    const { id, kind, attempt, createdAt } = this.#job;
    return { id, kind, attempt, since: createdAt + this.#options.claimed.ageMs };
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
    this.#end(await this.#thrown.verdict(error));
  }

  /**
   * The lease was lost, so another worker may have the job. Nothing more is written for this attempt. Does nothing while the attempt is
   * settled, which ends the lease too: only the reply tells whether it was lost before.
   */
  loseLease(): void {
    if (!this.#isOver) this.#lost();
  }

  #lost(): void {
    this.#options.story?.leaseLost();
    this.#children?.close();
    this.#log?.discard();
    this.#isOver = true;
    this.#abortWith("lease_lost");
    this.#end({ type: "forget" });
    this.#giveUp.abort();
  }

  /** Gives up calls that Redis does not answer. The lease then expires. */
  abandon(): void {
    this.#giveUp.abort();
  }

  /**
   * Runs the handler and settles the attempt. Never rejects. Calls `onSettling` when the call that settles it is on its way to Redis: the
   * attempt needs its slot no longer, and a claim that is sent then arrives after that call.
   */
  async run(onSettling: () => void): Promise<void> {
    const { contract, keeper, scripts, story } = this.#options;
    const { timeoutMs } = contract;
    const { attempt, since } = this.running;
    keeper.hold({ queue: scripts.queue, ...this.#lease, attempt, since, timeoutMs, retryInMs: this.#backoffMs });
    try {
      if (await this.#isStillHeld()) {
        this.#logger.debug({}, "attempt started");
        story?.started();
        await this.#settle(await this.#outcome(), onSettling);
      }
    } catch (error) {
      if (hasCode(error, "lease_lost") || hasCode(error, "not_found")) {
        this.#logger.warn({}, "the lease was lost: what the attempt came to is dropped");
        this.#lost();
        story?.ended("lease_lost");
      } else {
        story?.ended("unsettled");
        this.#logger.error({ error: firstLine(error) }, "the attempt could not be settled: its lease will run out");
      }
    } finally {
      keeper.drop(this.#lease);
    }
  }

  // If the claim took long to return, its lease may be about to expire, so it is extended before the handler runs. The
  // same applies to the extension itself, hence the loop.
  async #isStillHeld(): Promise<boolean> {
    const { scripts, claimed, settings } = this.#options;
    const { leaseMs } = settings;
    let askedAt = claimed.claimedAt;
    while (performance.now() - askedAt >= leaseMs / 2) {
      const extend = (): ReturnType<QueueScripts["extend"]> => {
        askedAt = performance.now();
        return scripts.extend([this.#lease], leaseMs);
      };
      const [word] = await persist(extend, this.#giveUp);
      if (word === "cancel_requested") this.cancel();
      if (word === "lease_lost") this.#options.story?.leaseLost();
      if (word === "lease_lost" || this.#giveUp.aborted) return false;
    }
    return true;
  }

  async #outcome(): Promise<Verdict> {
    const { contract, story } = this.#options;
    let hasReturned = false;
    const work = this.#work();
    const timer = setTimeout(() => {
      this.#abortWith("timeout");
      this.#end(failed("timeout", this.#backoffMs));
    }, contract.timeoutMs);
    const verdict = await new Promise<Verdict>((resolve, reject) => {
      this.#end = resolve;
      if (this.#early) resolve(this.#early);
      work.then((returned) => {
        hasReturned = true;
        resolve(returned);
      }, reject);
    });
    clearTimeout(timer);
    story?.handled();
    if (!hasReturned) this.#warnWhenLate(work);
    return verdict;
  }

  async #work(): Promise<Verdict> {
    const { contract } = this.#options;
    let stored: unknown;
    try {
      stored = decode(this.#job.input);
      this.#inputs.push(stored);
    } catch (error) {
      return failed("corrupt", null, this.#detailOf(error));
    }
    let input: unknown;
    try {
      input = await parseInput(contract.input, await upgraded(contract, this.#job.version, stored));
      this.#inputs.push(input);
    } catch (error) {
      return failed("invalid_input", null, this.#detailOf(error));
    }
    let output: unknown;
    try {
      output = await this.#handle(input);
    } catch (thrown) {
      // An error caused by the shutdown must not count as a failure of the job.
      if (this.#cause === "shutdown" && !this.#failures?.isMade(thrown)) return { type: "release" };
      return this.#thrown.verdict(thrown);
    }
    const mistake = this.#failures?.returned(output);
    if (mistake !== undefined) return failed("invalid_output", null, mistake);
    try {
      const parsed: unknown = await parseInput(contract.output, output, OUTPUT);
      return { type: "complete", output: storable("output", parsed, LIMITS.outputBytes) };
    } catch (error) {
      return failed("invalid_output", null, this.#detailOf(error));
    }
  }

  #handle(input: unknown): Promise<unknown> {
    const { handler, settings } = this.#options;
    const { id, kind, owner, tags, attempt, fence } = this.#job;
    const abort = this.#abort;
    const log = (): AttemptLog => this.#jobLog;
    const context = {
      input,
      progress: (value: unknown) => this.#reports.report(value),
      chunk: (value: unknown) => this.#stream.write(value),
      get log() {
        return log();
      },
      get signal() {
        return abort.signal;
      },
      attempt,
      fence,
      fail: (code: string, data: unknown) => this.#thrown.fail(code, data),
      retryAfter: (delay) => this.#thrown.retryAfter(delay),
      submit: (target: AnyJob | string, value: unknown, options?: SubmitOptions) =>
        this.#submits.submit(target, value, options),
      job: { id, owner, tags },
    } satisfies HandlerContext<AnyJob>;
    const { use } = settings;
    return runAs(leaseKey(this.#lease), async () => {
      if (use.length === 0) return handler.run(context);
      const about = { kind, id, attempt, fence, owner, tags, signal: abort.signal };
      return runInside(use, about, async () => handler.run(context));
    });
  }

  /** Returns a function that replaces the sensitive values of the input in texts. */
  get #redacted(): (text: string) => string {
    const texts = sensitiveTexts(this.#inputs, this.#options.contract.sensitive);
    return (text) => redactText(text, texts);
  }

  /** Describes a thrown value for operators, without sensitive values. */
  #detailOf(thrown: unknown): string {
    return errorDetail(thrown, this.#redacted);
  }

  get #thrown(): ThrownFailures {
    this.#failures ??= new ThrownFailures(this.#options.contract, this.#job, (thrown) => this.#detailOf(thrown));
    return this.#failures;
  }

  get #reports(): ProgressReports {
    if (!this.#progress) {
      const { contract, scripts, settings, story } = this.#options;
      this.#progress = new ProgressReports({
        onLeaseLost: () => this.loseLease(),
        onDropped: (error) => this.#tellDropped("progress", error),
        schema: contract.progress,
        everyMs: settings.progressMs,
        send: async (pending) => {
          await scripts.progress({ ...this.#lease, ...pending });
          story?.progressed();
        },
      });
      if (this.#isOver) this.#progress.close();
    }
    return this.#progress;
  }

  get #stream(): ChunkStream {
    if (!this.#chunks) {
      const { contract, scripts } = this.#options;
      this.#chunks = new ChunkStream({
        onLeaseLost: () => this.loseLease(),
        onDropped: (error) => this.#tellDropped("chunk", error),
        schema: contract.chunk,
        send: (batch) => scripts.chunk({ ...this.#lease, ...batch }),
        giveUp: this.#giveUp,
      });
      if (this.#isOver) void this.#chunks.flush();
    }
    return this.#chunks;
  }

  get #jobLog(): AttemptLog {
    if (!this.#log) {
      const { contract, scripts } = this.#options;
      this.#log = new AttemptLog({
        logger: this.#logger,
        sensitive: contract.sensitive,
        redacted: this.#redacted,
        onLeaseLost: () => this.loseLease(),
        onDropped: (lines, error) =>
          this.#logger.warn({ lines, error: firstLine(error) }, "lines of the job's log could not be stored"),
        send: (lines) => scripts.log({ ...this.#lease, lines }),
        sendMark: (line) => scripts.markLog({ ...this.#lease, lines: [line] }),
        giveUp: this.#giveUp,
      });
      if (this.#isOver) this.#log.discard();
    }
    return this.#log;
  }

  get #submits(): Children {
    if (!this.#children) {
      this.#children = new Children({ engine: this.#options.settings.engine, job: this.#job, giveUp: this.#abort });
      if (this.#isOver) this.#children.close();
    }
    return this.#children;
  }

  /** The contract's delay before the next attempt. */
  get #backoffMs(): number {
    return retryDelayMs(this.#options.contract.backoff, this.#job.attempt);
  }

  // Handler errors are logged in full only to the process's own stderr, because a custom logger may send them elsewhere.
  get #isOwnStderr(): boolean {
    return this.#options.settings.logger === stderrLogger;
  }

  async #settle(verdict: Verdict, onSent: () => void): Promise<void> {
    const { scripts, settings, story } = this.#options;
    const lease = this.#lease;
    const giveUp = this.#giveUp;
    // By this time the lease has expired, so Redis would only answer that it is lost.
    const deadline = setTimeout(() => giveUp.abort(), 2 * settings.leaseMs);
    try {
      this.#children?.close();
      this.#isOver = true;
      const pending = this.#progress?.close() ?? null;
      if (verdict.type === "forget") {
        story?.ended("lease_lost");
        return;
      }
      const chunks = this.#chunks?.flush();
      if (this.#log) await this.#log.flush();
      await chunks;
      switch (verdict.type) {
        case "complete":
          await persist(() => scripts.complete({ output: verdict.output, pending, ...lease }, onSent), giveUp);
          this.#logger.debug({ status: "completed" }, "attempt settled");
          if (pending) story?.progressed();
          story?.ended("completed");
          return;
        case "fail": {
          const { error, retryInMs } = verdict;
          const status = await persist(() => scripts.fail({ error, retryInMs, pending, ...lease }, onSent), giveUp);
          tellFailure(this.#logger, { verdict, status, attempts: this.#job.attempts, withStack: this.#isOwnStderr });
          if (pending) story?.progressed();
          story?.ended(status, {
            code: status === "cancelled" ? null : verdict.code,
            retryInMs: status === "retrying" ? retryInMs : null,
          });
          return;
        }
        case "release": {
          if (pending) await persist(() => scripts.progress({ ...lease, ...pending }), giveUp).catch(() => {});
          const [word] = await persist(() => scripts.release([lease]), giveUp);
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
