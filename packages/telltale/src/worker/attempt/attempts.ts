import type { Lease, LeasedJob, QueueScripts } from "../../queue/internal.js";
import { AbortOnDemand } from "../abort-on-demand.js";
import type { ClaimedJob } from "../claiming/claim-loop.js";
import type { LeaseKeeper } from "../leases/lease-keeper.js";
import { leaseKey } from "../leases/lease-protocol.js";
import type { Settings } from "../settings.js";
import { Attempt } from "./attempt.js";
import { AttemptStory } from "./attempt-story.js";
import { DroppedValues } from "./dropped-values.js";
import { persist } from "./persist.js";

/** Jobs that only newer workers can run are delayed, because this worker could otherwise claim them again immediately. */
const NEWER_DELAY_MS = 30_000;

/** A job that is released without having been run. */
interface Unrun {
  readonly scripts: QueueScripts;
  readonly job: LeasedJob;
  readonly story: AttemptStory | undefined;
}

/** The running attempts of a worker. */
export class Attempts {
  readonly #settings: Settings;
  readonly #keeper: LeaseKeeper;
  readonly #running = new Map<string, Attempt>();
  readonly #work = new Set<Promise<void>>();
  readonly #abandoned = new AbortOnDemand();
  /** What has been logged already, so that a long rollout does not flood the log. */
  readonly #toldNewer = new Set<string>();
  readonly #dropped = new DroppedValues();
  #isShuttingDown = false;

  constructor(settings: Settings, keeper: LeaseKeeper) {
    this.#settings = settings;
    this.#keeper = keeper;
  }

  get size(): number {
    return this.#running.size;
  }

  /** Returns the attempts that have run longest, at most `most`. */
  oldest(most: number): Attempt[] {
    const oldest: Attempt[] = [];
    for (const attempt of this.#running.values()) {
      if (oldest.length === most) break;
      oldest.push(attempt);
    }
    return oldest;
  }

  find(lease: Lease): Attempt | undefined {
    return this.#running.get(leaseKey(lease));
  }

  /** Runs a claimed job and calls `onEnd` once its slot is free again. */
  start(scripts: QueueScripts, claimed: ClaimedJob, onEnd: () => void): void {
    let hasEnded = false;
    const end = (): void => {
      if (hasEnded) return;
      hasEnded = true;
      onEnd();
    };
    const work = this.#run(scripts, claimed, end).finally(() => {
      this.#work.delete(work);
      end();
    });
    this.#work.add(work);
  }

  /** Aborts the handlers' signals. Jobs that are claimed after this are released immediately. */
  shutDown(): void {
    this.#isShuttingDown = true;
    for (const attempt of this.#running.values()) attempt.shutDown();
  }

  /** Releases the jobs that are still running. */
  giveBack(): void {
    for (const attempt of this.#running.values()) attempt.giveBack();
  }

  /** Fails the attempt that caused an uncaught error, which `culprit` names by its `leaseKey`. */
  async crash(error: unknown, culprit: string | undefined): Promise<void> {
    if (culprit !== undefined) await this.#running.get(culprit)?.crash(error);
  }

  /** Gives up calls that Redis does not answer. */
  abandon(): void {
    this.#abandoned.abort();
    for (const attempt of this.#running.values()) attempt.abandon();
  }

  /** Resolves once no attempt is running. */
  async idle(): Promise<void> {
    while (this.#work.size > 0) await Promise.all(this.#work);
  }

  async #run(scripts: QueueScripts, claimed: ClaimedJob, onSettling: () => void): Promise<void> {
    const { job } = claimed;
    const { handlers, engine, observe, worker, workerName } = this.#settings;
    const story = observe && new AttemptStory({ observe, claimed, queue: scripts.queue, worker, workerName });
    const unrun = { scripts, job, story };
    if (this.#isShuttingDown) return this.#release(unrun, 0);
    const handler = handlers.get(job.kind);
    if (!handler) return this.#leaveToNewer(unrun, { kind: job.kind });
    const contract = engine.contract(job.kind);
    if (job.version > contract.version) {
      return this.#leaveToNewer(unrun, { kind: job.kind, version: job.version, known: contract.version });
    }
    const attempt = new Attempt({
      settings: this.#settings,
      keeper: this.#keeper,
      dropped: this.#dropped,
      ...{ claimed, scripts, contract, handler, story },
    });
    const key = leaseKey(job);
    this.#running.set(key, attempt);
    await attempt.run(onSettling);
    this.#running.delete(key);
  }

  // During a rollout, older workers claim jobs of kinds and versions that only newer workers can run.
  #leaveToNewer(unrun: Unrun, what: Readonly<{ kind: string; version?: number; known?: number }>): Promise<void> {
    const name = `${what.kind} ${what.version ?? ""}`;
    if (!this.#toldNewer.has(name)) {
      this.#toldNewer.add(name);
      const { id } = unrun.job;
      const { logger } = this.#settings;
      if (what.version === undefined)
        logger.warn(
          { ...what, id },
          "jobs of a kind without a handler here are returned to the queue, to be tried again in 30 s",
        );
      else logger.warn({ ...what, id }, "jobs of a newer version are returned to the queue, to be tried again in 30 s");
    }
    return this.#release(unrun, NEWER_DELAY_MS);
  }

  async #release({ scripts, job: { id, fence }, story }: Unrun, delayMs: number): Promise<void> {
    const lease = delayMs > 0 ? { id, fence, delayMs } : { id, fence };
    try {
      const [word] = await persist(() => scripts.release([lease]), this.#abandoned);
      if (word === "cancelled") story?.jobEnded(word, null);
    } catch {
      // The lease expires.
    }
  }
}
