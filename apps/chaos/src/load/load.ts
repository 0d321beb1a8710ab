import { setMaxListeners } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { type Client, createClient, toTelltaleError } from "telltale/client";
import type { Recorder } from "../history/recorder.js";
import type { Random } from "../random.js";
import type { jobs, WorkInput } from "../work.js";
import { startClock, stopClock } from "./clock.js";
import { drawSubmission, type Submission } from "./submission.js";
import { kindOf, submitOnce, type WorkHandle } from "./submit-once.js";
import { follow, type WatcherStyle } from "./watcher.js";

/** Options of the load. */
export interface LoadOptions {
  readonly url: string;
  readonly random: Random;
  readonly record: Recorder;
  readonly jobsPerSecond: number;
}

type Owner = "alice" | "bob";

const AGAIN_MS = 500;
const LAST_TRIES = 5;
const NEIGHBOURS = 4;

/** The users of the stack: two owners who submit, repeat submits, cancel, watch, and try to see each other's jobs. */
export class Load implements AsyncDisposable {
  readonly #options: LoadOptions;
  readonly #clients: Readonly<Record<Owner | "operator", Client<typeof jobs>>>;
  readonly #stopping = new AbortController();
  readonly #submits = new Set<Promise<void>>();
  readonly #watches = new Set<Promise<void>>();
  readonly #unknown = new Map<string, Submission>();
  #loop: Promise<void> = Promise.resolve();
  #clock: Promise<void> = Promise.resolve();
  #count = 0;
  #watchers = 0;

  constructor(options: LoadOptions) {
    const { url } = options;
    this.#options = options;
    // Every rerun that waits for a job's end adds a listener.
    setMaxListeners(0, this.#stopping.signal);
    const clientOf = (auth: string): Client<typeof jobs> => createClient({ url, auth });
    this.#clients = { alice: clientOf("alice"), bob: clientOf("bob"), operator: clientOf("operator") };
  }

  /** Submits `jobsPerSecond` until `settle` is called. */
  start(): void {
    this.#loop = this.#submitAll();
    this.#clock = startClock(this.#clients.operator);
  }

  /** Submits `count` jobs at once. */
  submitMany(count: number): void {
    for (let left = count; left > 0; left--) this.#own(this.#submits, this.#use(this.#draw()));
  }

  /** Submits one job whose first attempt blocks its worker's event loop. */
  submitBlocking(blockMs: number): void {
    const { input, ...rest } = this.#draw();
    this.#own(this.#submits, this.#use({ ...rest, delayMs: 0, input: { ...input, blockMs } }));
  }

  /** Submits one job whose first attempt leaves a rejected promise behind, beside others that are not to suffer from it. */
  submitStray(): void {
    this.submitMany(NEIGHBOURS);
    const { input, ...rest } = this.#draw();
    this.#own(this.#submits, this.#use({ ...rest, delayMs: 0, input: { ...input, ms: 300, isStray: true } }));
    this.submitMany(NEIGHBOURS);
  }

  /** Stops submitting and repeats submits with an unknown outcome until they are answered. Needs a healthy stack. */
  async settle(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
    await this.#clock;
    await stopClock(this.#clients.operator);
    await Promise.all(this.#submits);
    for (let tries = 0; tries < LAST_TRIES && this.#unknown.size > 0; tries++) {
      await Promise.all([...this.#unknown.values()].map((submission) => this.#submit(submission, 0)));
    }
  }

  /** Resolves with true if every watcher ended within `withinMs`, otherwise with false. */
  async watched(withinMs: number): Promise<boolean> {
    const all = Promise.all(this.#watches).then(() => true);
    return Promise.race([all, delay(withinMs, false, { ref: false })]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await Promise.all(Object.values(this.#clients).map((client) => client.close()));
    await Promise.all(this.#watches);
  }

  async #submitAll(): Promise<void> {
    const { jobsPerSecond, random } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      this.#own(this.#submits, this.#use(this.#draw()));
      // Uniformly between zero and twice the mean.
      await delay((random.next() * 2_000) / jobsPerSecond, undefined, { signal }).catch(() => {});
    }
  }

  #draw(): Submission {
    this.#count += 1;
    return drawSubmission(this.#count, this.#options.random);
  }

  // Submits one job and does everything that its owner does with it.
  async #use(submission: Submission): Promise<void> {
    const random = this.#options.random.fork();
    const again = random.chance(0.1) ? this.#submit(submission, 0) : undefined;
    let job = await this.#submit(submission, 0);
    if (!job && random.chance(0.5)) {
      await delay(AGAIN_MS);
      job = await this.#submit(submission, 0);
    }
    await again;
    if (!job) return;
    if (random.chance(0.7)) this.#watch(job, submission.owner, random);
    if (random.chance(0.1)) this.#pry(job, submission.owner);
    if (random.chance(0.03)) await this.#submit(submission, 1);
    if (random.chance(0.05)) await this.#cancel(job, random.between(0, 300));
    if (random.chance(0.04)) await this.#rerun(job);
  }

  // A `variant` other than 0 sends another input with the same key, which must be refused.
  async #submit(submission: Submission, variant: number): Promise<WorkHandle | undefined> {
    const { key, owner, delayMs, n, isBare } = submission;
    const about = { type: "submit", key, owner, n, variant, delayMs } as const;
    const input: WorkInput = { ...submission.input, n: n + variant };
    this.#options.record({ ...about, phase: "invoke" });
    try {
      const job = await this.#send({ ...submission, input, isBare: isBare && !this.#stopping.signal.aborted });
      this.#options.record({ ...about, phase: "ok", job: job.id });
      this.#unknown.delete(key);
      return job;
    } catch (error) {
      const { code } = toTelltaleError(error);
      const isUnknown = code === "outcome_unknown" || code === "closed";
      this.#options.record({ ...about, phase: isUnknown ? "unknown" : "fail", code });
      if (isUnknown && variant === 0) this.#unknown.set(key, submission);
      return undefined;
    }
  }

  // Most submits go through the SDK, which retries. Some are sent only once.
  async #send({ kind, input, key, owner, delayMs, priority, isBare }: Submission): Promise<WorkHandle> {
    const client = this.#clients[owner];
    const options = { idempotencyKey: key, priority };
    if (isBare) return submitOnce(client, { kind, input, options: delayMs > 0 ? { ...options, delayMs } : options });
    return client[kind].submit(input, delayMs > 0 ? { ...options, delay: delayMs } : options);
  }

  #watch(job: WorkHandle, who: Owner, random: Random): void {
    const style = random.pick(["steady", "steady", "flapping", "flapping", "slow"] as const);
    this.#follow({ job, who, style, random });
  }

  // Another user who knows the id but has no token.
  #pry(job: WorkHandle, owner: Owner): void {
    const who = owner === "alice" ? "bob" : "alice";
    const theirs = this.#clients[who][kindOf(job)].job(job.id);
    this.#follow({ job: theirs, who, style: "stranger", random: this.#options.random.fork() });
  }

  #follow(watcher: { job: WorkHandle; who: Owner; style: WatcherStyle; random: Random }): void {
    this.#watchers += 1;
    const { record } = this.#options;
    this.#own(this.#watches, follow({ ...watcher, name: `w${this.#watchers}`, record }));
  }

  async #cancel(job: WorkHandle, afterMs: number): Promise<void> {
    await delay(afterMs);
    const about = { type: "cancel", job: job.id } as const;
    this.#options.record({ ...about, phase: "invoke" });
    try {
      this.#options.record({ ...about, phase: "ok", outcome: await job.cancel() });
    } catch {
      this.#options.record({ ...about, phase: "unknown" });
    }
  }

  async #rerun(job: WorkHandle): Promise<void> {
    const about = { type: "rerun", job: job.id } as const;
    try {
      await job.result({ signal: this.#stopping.signal });
      this.#options.record({ ...about, phase: "invoke" });
      await this.#clients.operator.$trpc.mutation("rerun", { id: job.id });
      this.#options.record({ ...about, phase: "ok" });
    } catch {
      this.#options.record({ ...about, phase: "unknown" });
    }
  }

  #own(set: Set<Promise<void>>, running: Promise<void>): void {
    set.add(running);
    void running.finally(() => set.delete(running));
  }
}
