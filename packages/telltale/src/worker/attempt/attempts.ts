import type { Lease, LeasedJob, QueueScripts } from "../../queue/internal.js";
import type { ClaimedJob } from "../claiming/claim-loop.js";
import type { LeaseKeeper } from "../leases/lease-keeper.js";
import { leaseKey } from "../leases/lease-protocol.js";
import type { Settings } from "../settings.js";
import { Attempt } from "./attempt.js";
import { AttemptStory } from "./attempt-story.js";
import { DroppedValues } from "./dropped-values.js";
import { persist } from "./persist.js";
import { failed } from "./verdict.js";

/** A job of an unknown kind is retried later, possibly by a worker that has the kind. */
const UNKNOWN_KIND_RETRY_MS = 30_000;
/** A job of a newer contract version is delayed, because this worker could otherwise claim it again immediately. */
const NEWER_VERSION_DELAY_MS = 30_000;

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
  readonly #abandoned = new AbortController();
  /** What has been logged already, so that a long rollout does not flood the log. */
  readonly #newerVersions = new Set<string>();
  readonly #dropped = new DroppedValues();
  #isShuttingDown = false;

  constructor(settings: Settings, keeper: LeaseKeeper) {
    this.#settings = settings;
    this.#keeper = keeper;
  }

  get size(): number {
    return this.#running.size;
  }

  find(lease: Lease): Attempt | undefined {
    return this.#running.get(leaseKey(lease));
  }

  /** Runs a claimed job and calls `onEnd` once its slot is free again. */
  start(scripts: QueueScripts, claimed: ClaimedJob, onEnd: () => void): void {
    const work = this.#run(scripts, claimed).finally(() => {
      this.#work.delete(work);
      onEnd();
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

  /** Gives up calls that Redis does not answer. */
  abandon(): void {
    this.#abandoned.abort();
    for (const attempt of this.#running.values()) attempt.abandon();
  }

  /** Resolves once no attempt is running. */
  async idle(): Promise<void> {
    while (this.#work.size > 0) await Promise.all(this.#work);
  }

  async #run(scripts: QueueScripts, claimed: ClaimedJob): Promise<void> {
    const { job } = claimed;
    const { handlers, engine, observe, worker } = this.#settings;
    const story = observe && new AttemptStory({ observe, claimed, queue: scripts.queue, worker });
    const handler = handlers.get(job.kind);
    if (this.#isShuttingDown || !handler) return this.#refuse({ scripts, job, story }, handler === undefined);
    const contract = engine.contract(job.kind);
    if (job.version > contract.version) return this.#putOff({ scripts, job, story }, contract.version);
    const attempt = new Attempt({
      ...this.#settings,
      ...claimed,
      story,
      scripts,
      contract,
      handler,
      keeper: this.#keeper,
      dropped: this.#dropped,
    });
    this.#running.set(leaseKey(job), attempt);
    await attempt.run();
    this.#running.delete(leaseKey(job));
  }

  async #putOff({ scripts, job, story }: Unrun, known: number): Promise<void> {
    const { id, fence, kind, version } = job;
    const news = `${kind} ${version}`;
    if (!this.#newerVersions.has(news)) {
      this.#newerVersions.add(news);
      const { logger } = this.#settings;
      logger.warn({ id, kind, version, known }, "jobs of a newer version are given back, to be tried again in 30 s");
    }
    try {
      const put = { id, fence, delayMs: NEWER_VERSION_DELAY_MS };
      const [word] = await persist(() => scripts.release([put]), this.#abandoned.signal);
      if (word === "cancelled") story?.jobEnded(word, null);
    } catch {
      // The lease runs out by itself.
    }
  }

  async #refuse({ scripts, job, story }: Unrun, isUnknown: boolean): Promise<void> {
    const { id, fence, kind } = job;
    const { logger } = this.#settings;
    const { signal } = this.#abandoned;
    try {
      const verdict = failed("handler_error", UNKNOWN_KIND_RETRY_MS, `This worker has no handler of kind ${kind}`);
      if (isUnknown) {
        logger.error({ id, kind }, "a job of an unknown kind was claimed");
        const status = await persist(() => scripts.fail({ id, fence, ...verdict, pending: null }), signal);
        if (status !== "retrying") story?.jobEnded(status, status === "failed" ? verdict.code : null);
      } else {
        const [word] = await persist(() => scripts.release([{ id, fence }]), signal);
        if (word === "cancelled") story?.jobEnded(word, null);
      }
    } catch {
      // The lease runs out by itself.
    }
  }
}
