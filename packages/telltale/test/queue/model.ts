import { isFinal, type JobStatus, type Priority } from "telltale";
import type { QueueLimits } from "../../src/queue/record/queue-limits.js";
import { HistoryModel } from "./model-history.js";
import { groupOf, type LimitedJob, LimitsModel, slotOf } from "./model-limits.js";

/** A queue as documented, without Redis. The scripts are compared with it. */
export interface ModelJob extends LimitedJob {
  readonly width: number;
  readonly bytes: number;
  readonly account: keyof typeof QUOTAS | null;
  readonly unique: string | null;
  readonly idempotency: string | null;
  status: JobStatus;
  seq: number;
  rev: number;
  at: number;
  round: number;
  attempt: number;
  fence: number;
  settled: string;
  progressN: number;
  /** The deadline for its first start. */
  startBy: number | null;
  cancelRequested: boolean;
  /** Its score: when it is due, its lease expires, or it finished. */
  score: number;
}

/** The outstanding limits of each account in the programs. One reaches the limit of jobs, the other that of bytes. */
export const QUOTAS = { ann: { jobs: 2, bytes: 1_000 }, bob: { jobs: 9, bytes: 45 } } as const;

export const ATTEMPTS = 3;
export const LEASE_MS = 30_000;
const DAY_MS = 86_400_000;
const DOWN = ["urgent", "high", "normal", "low"] as const;
const UP = DOWN.toReversed();

export type ModelLease = { readonly id: string; readonly fence: number };
type SubmitOf = LimitedJob &
  Pick<ModelJob, "width" | "bytes" | "account" | "unique" | "idempotency"> & {
    readonly delayMs: number;
    readonly startWithinMs: number | null;
  };

export class Model {
  readonly jobs = new Map<string, ModelJob>();
  readonly waiting: Record<Priority, string[]> = { urgent: [], high: [], normal: [], low: [] };
  readonly unique = new Map<string, string>();
  readonly #records = new Map<string, { readonly id: string; readonly width: number }>();
  readonly #claims = new Map<string, { readonly request: string; readonly leases: readonly ModelLease[] }>();
  bell = 0;
  #isPaused = false;
  #isFull = false;
  readonly limited: LimitsModel;
  readonly history = new HistoryModel();
  #handed = 0;
  #kept = 0;

  constructor(limits: QueueLimits) {
    this.limited = new LimitsModel(limits);
  }

  submit(given: SubmitOf, clock: number): string {
    const now = this.#now(clock);
    this.#kept = now;
    const record = given.idempotency === null ? undefined : this.#records.get(given.idempotency);
    const holder = given.unique === null ? undefined : this.jobs.get(this.unique.get(given.unique) ?? "");
    if (this.jobs.has(given.id)) return `existing ${given.id}`;
    if (record) return record.width === given.width ? `existing ${record.id}` : `idempotency_conflict ${record.id}`;
    if (holder && !isFinal(holder.status)) return `unique_conflict ${holder.id}`;
    const waiting = this.#in(["queued", "scheduled", "retrying"]).length;
    if (waiting >= (this.limited.limits.maxWaiting ?? Number.POSITIVE_INFINITY)) return "queue_full undefined";
    const over = given.account === null ? null : this.#exceeded(given.account, given.bytes);
    if (over) return `too_many ${over}`;
    const job: ModelJob = {
      ...given,
      startBy: given.startWithinMs === null ? null : now + given.delayMs + given.startWithinMs,
      status: "queued",
      seq: 0,
      rev: 0,
      at: now,
      round: 1,
      attempt: 0,
      fence: 0,
      settled: "",
      progressN: 0,
      cancelRequested: false,
      score: 0,
    };
    this.jobs.set(job.id, job);
    if (job.unique !== null) this.unique.set(job.unique, job.id);
    if (job.idempotency !== null) this.#records.set(job.idempotency, { id: job.id, width: job.width });
    this.#move(job, given.delayMs > 0 ? "scheduled" : "queued", now, { score: now + given.delayMs });
    if (given.delayMs === 0) this.#ring(1);
    return `created ${job.id}`;
  }

  claim(loop: string, request: string, { room, clock }: { room: number; clock: number }): ModelLease[] {
    const now = this.#now(clock);
    const before = this.#claims.get(loop);
    const isRepeat = before?.request === request;
    const { leases, isClosed } = isRepeat
      ? { leases: before.leases.filter((lease) => this.#held(lease)), isClosed: false }
      : this.#take(room, now);
    if (isRepeat) for (const { id } of leases) this.#job(id).score = now + LEASE_MS;
    else if (leases.length > 0) this.#claims.set(loop, { request, leases });
    if (isRepeat || leases.length > 0) this.#kept = now;
    const left = isClosed ? 0 : this.#claimable();
    if (left === 0) this.bell = 0;
    else if (leases.length > 0 && !isRepeat) this.#ring(left);
    return leases;
  }

  /** The unfinished jobs of each account that has any, and the bytes of their inputs. */
  get outstanding(): Map<string, { readonly jobs: number; readonly bytes: number }> {
    const outstanding = new Map<string, { jobs: number; bytes: number }>();
    for (const { account, status, bytes } of this.jobs.values()) {
      if (account === null || isFinal(status)) continue;
      const { jobs: others, bytes: theirs } = outstanding.get(account) ?? { jobs: 0, bytes: 0 };
      outstanding.set(account, { jobs: others + 1, bytes: theirs + bytes });
    }
    return outstanding;
  }

  #exceeded(account: keyof typeof QUOTAS, bytes: number): "jobs" | "bytes" | null {
    const { jobs: others, bytes: theirs } = this.outstanding.get(account) ?? { jobs: 0, bytes: 0 };
    if (others + 1 > QUOTAS[account].jobs) return "jobs";
    return theirs + bytes > QUOTAS[account].bytes ? "bytes" : null;
  }

  // `isClosed`: a limit of the queue itself ended the claim.
  #take(room: number, now: number): { leases: ModelLease[]; isClosed: boolean } {
    const leases: ModelLease[] = [];
    if (this.#isPaused) return { leases, isClosed: false };
    const { concurrency, rate } = this.limited.limits;
    const queued = this.#count("queued") + this.#due(now).length;
    const want = Math.min(room, Math.max(1, Math.ceil(queued / 4)));
    while (leases.length < want) {
      if (concurrency !== null && this.#count("running") >= concurrency) {
        this.#isFull ||= queued > leases.length;
        return { leases, isClosed: true };
      }
      if (rate && this.limited.nextStart("", rate, now) !== null) return { leases, isClosed: true };
      const job = this.#pop(now, want - leases.length);
      if (!job) break;
      this.#handed += 1;
      this.limited.noteStart(job, now);
      job.fence += 1;
      job.attempt += 1;
      job.progressN = 0;
      this.#move(job, "running", now, { score: now + LEASE_MS });
      leases.push({ id: job.id, fence: job.fence });
    }
    return { leases, isClosed: false };
  }

  #pop(now: number, wanted: number): ModelJob | undefined {
    const isForLowest = this.#handed % 16 === 15;
    const turns = isForLowest ? Math.floor(this.#handed / 16) : this.#handed;
    for (const priority of isForLowest ? UP : DOWN) {
      const plain = (): ModelJob | undefined => this.#popPlain(priority, now);
      const grouped = (): ModelJob | undefined => this.#popGrouped(priority, now);
      const queued = (): ModelJob | undefined => (turns % 2 === 0 ? (plain() ?? grouped()) : (grouped() ?? plain()));
      let job = queued();
      while (!job && this.#promoteSome(priority, now, wanted)) job = queued();
      if (job) return job;
    }
    return undefined;
  }

  #promoteSome(priority: Priority, now: number, wanted: number): boolean {
    const due = this.#due(now).filter((job) => job.priority === priority);
    for (const job of due.slice(0, wanted)) this.#move(job, "queued", now, { score: 0 });
    if (due.length > 0) this.#kept = now;
    return due.length > 0;
  }

  #popPlain(priority: Priority, now: number): ModelJob | undefined {
    for (let id = this.waiting[priority].pop(); id !== undefined; id = this.waiting[priority].pop()) {
      const job = this.#startable(id, now);
      if (job) return job;
    }
    return undefined;
  }

  #popGrouped(priority: Priority, now: number): ModelJob | undefined {
    const { limited } = this;
    for (let group = limited.turns[priority].shift(); group !== undefined; group = limited.turns[priority].shift()) {
      const list = limited.list(group, priority);
      while (list.length > 0 && !this.#startable(list.at(-1) ?? "", now)) list.pop();
      const job = this.jobs.get(list.at(-1) ?? "");
      const bar = job ? limited.bar(job, now) : null;
      if (job && !bar) {
        list.pop();
        if (list.length > 0) limited.queueUp(group, priority);
        return job;
      }
      if (bar) limited.park(group, bar.untilMs);
      if (job?.concurrency && bar?.wantsSlot) limited.block(job.concurrency, group);
      else if (limited.wake(slotOf(group))) this.#ring(1);
    }
    return undefined;
  }

  #startable(id: string, now: number): ModelJob | undefined {
    const job = this.jobs.get(id);
    if (job?.status !== "queued") return undefined;
    if (job.startBy === null || job.startBy >= now) return job;
    this.#move(job, "cancelled", now, { score: now });
    return undefined;
  }

  #claimable(): number {
    if (!this.limited.isUsed) return this.#count("queued");
    return DOWN.reduce((sum, priority) => sum + this.waiting[priority].length, this.limited.claimable);
  }

  expire(clock: number): void {
    const now = this.#now(clock);
    const late = this.#in(["scheduled", "queued"])
      .filter(({ startBy }) => startBy !== null && startBy < now)
      .sort((a, b) => (a.startBy ?? 0) - (b.startBy ?? 0) || (a.id < b.id ? -1 : 1));
    for (const job of late) this.#cancelWaiting(job, now);
    if (late.length > 0) this.#kept = now;
  }

  settle(
    action: "complete" | "fail" | "release",
    lease: ModelLease,
    { retryIn, clock }: { retryIn: number | null; clock: number },
  ): string {
    const now = this.#now(clock);
    this.#kept = now;
    const job = this.jobs.get(lease.id);
    if (!job) return "not_found";
    const [fence, by, was] = job.settled.split(":");
    if (Number(fence) === lease.fence && by === action) return was ?? "";
    if (!this.#held(lease)) return "lease_lost";
    const to = outcome(action, job, retryIn);
    if (action === "release") job.attempt -= 1;
    job.settled = `${job.fence}:${action}:${to}`;
    this.#move(job, to, now, { score: now + (retryIn ?? 0), front: true });
    if (to === "queued") this.#ring(1);
    return to;
  }

  extend(lease: ModelLease, clock: number): string {
    this.#kept = this.#now(clock);
    if (!this.#held(lease)) return "lease_lost";
    const job = this.#job(lease.id);
    job.score = this.#kept + LEASE_MS;
    return job.cancelRequested ? "cancel_requested" : "extended";
  }

  progress(lease: ModelLease, n: number, clock: number): string {
    if (!this.#held(lease)) return "lease_lost";
    this.#kept = this.#now(clock);
    const job = this.#job(lease.id);
    if (n > job.progressN) {
      job.progressN = n;
      job.rev += 1;
    }
    return "stored";
  }

  cancel(id: string, clock: number): string {
    const job = this.jobs.get(id);
    if (!job) return "not_found";
    if (isFinal(job.status)) return "already_finished";
    const now = this.#now(clock);
    if (job.status === "running") {
      if (!job.cancelRequested) {
        job.cancelRequested = true;
        job.rev += 1;
        this.#kept = now;
      }
      return "requested";
    }
    this.#kept = now;
    this.#cancelWaiting(job, now);
    return "cancelled";
  }

  rerun(id: string, round: number, clock: number): string {
    const job = this.jobs.get(id);
    if (!job) return "not_found";
    if (job.round !== round) return "queued";
    if (!isFinal(job.status)) return "invalid_input";
    const holder = job.unique === null ? undefined : this.unique.get(job.unique);
    if (holder !== undefined && holder !== id && this.jobs.has(holder)) return "unique_conflict";
    const now = this.#now(clock);
    this.#kept = now;
    if (job.unique !== null) this.unique.set(job.unique, id);
    Object.assign(job, { round: round + 1, attempt: 0, cancelRequested: false, progressN: 0 });
    this.#move(job, "queued", now, { score: 0 });
    this.#ring(1);
    return "queued";
  }

  runNow(id: string, clock: number): string {
    const job = this.jobs.get(id);
    if (!job) return "not_found";
    if (job.status === "queued" || job.status === "running") return "queued";
    if (isFinal(job.status)) return "invalid_input";
    this.#kept = this.#now(clock);
    this.#move(job, "queued", this.#kept, { score: 0 });
    this.#ring(1);
    return "queued";
  }

  remove(id: string): string {
    const job = this.jobs.get(id);
    if (job && !isFinal(job.status)) return "invalid_input";
    this.jobs.delete(id);
    return "removed";
  }

  pause(): void {
    this.#isPaused = true;
    this.bell = 0;
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#ring(this.#count("queued"));
  }

  promote(clock: number): void {
    const now = this.#now(clock);
    const due = this.#due(now);
    for (const job of due) this.#move(job, "queued", now, { score: 0 });
    if (due.length > 0) this.#kept = now;
    this.#ring(due.length + this.limited.unparkDue(now));
  }

  reclaim(clock: number): void {
    const now = this.#now(clock);
    const leased = this.#in(["running"]);
    const tooLong = leased.filter(({ score }) => score > now + LEASE_MS);
    for (const job of tooLong) job.score = now + LEASE_MS;
    const expired = leased.filter(({ score }) => score < now);
    for (const job of expired) {
      job.fence += 1;
      const to = outcome("fail", job, 0);
      this.#move(job, to, now, { score: now + Math.min(60_000, 1_000 * 2 ** (job.attempt - 1)), isLost: true });
    }
    if (tooLong.length + expired.length > 0) this.#kept = now;
  }

  prune(clock: number): void {
    const now = this.#now(clock);
    for (const job of this.#in(["completed", "failed", "cancelled"])) {
      const age = job.status === "completed" ? DAY_MS : 7 * DAY_MS;
      if (job.score > now - age) continue;
      this.jobs.delete(job.id);
      this.#kept = now;
    }
  }

  // The clock stands still instead of going back by up to a minute.
  #now(clock: number): number {
    return clock < this.#kept && this.#kept - clock <= 60_000 ? this.#kept : clock;
  }

  #move(job: ModelJob, to: JobStatus, now: number, how: { score: number; front?: boolean; isLost?: boolean }): void {
    this.history.move(job, to, { now, isLost: how.isLost === true });
    if (job.status === "running" && this.limited.free(job)) this.#ring(1);
    if (job.status === "running" && this.#isFull) {
      this.#isFull = false;
      this.#ring(1);
    }
    if (to !== "queued" && to !== "scheduled") job.startBy = null;
    if (to === "running") this.limited.take(job);
    Object.assign(job, { status: to, seq: job.seq + 1, rev: 0, at: now, score: isFinal(to) ? now : how.score });
    const isDelayed = to === "scheduled" || to === "retrying";
    if (isDelayed && job.score - now < 5_000 && this.delayed(job.priority)[0] === job) this.#ring(1);
    const group = groupOf(job);
    if (to === "queued" && group !== null) this.limited.push(group, job, how.front === true);
    else if (to === "queued" && how.front) this.waiting[job.priority].push(job.id);
    else if (to === "queued") this.waiting[job.priority].unshift(job.id);
    if (isFinal(to) && job.unique !== null && this.unique.get(job.unique) === job.id) this.unique.delete(job.unique);
  }

  #cancelWaiting(job: ModelJob, now: number): void {
    const group = job.status === "queued" ? groupOf(job) : null;
    this.#move(job, "cancelled", now, { score: now });
    if (group !== null && this.limited.drop(group, job)) this.#ring(1);
  }

  #held({ id, fence }: ModelLease): boolean {
    const job = this.jobs.get(id);
    return job?.status === "running" && job.fence === fence;
  }

  #job(id: string): ModelJob {
    const job = this.jobs.get(id);
    if (!job) throw new Error(`The model has no job ${id}`);
    return job;
  }

  /** The delayed jobs of a priority, in the order in which they are due. */
  delayed(priority: Priority): ModelJob[] {
    return this.#in(["scheduled", "retrying"]).filter((job) => job.priority === priority);
  }

  /** The queued jobs with a limit key, in the order in which they were queued. */
  get grouped(): ModelJob[] {
    const found = this.#in(["queued"]).filter((job) => groupOf(job) !== null);
    return found.sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
  }

  /** The most urgent first. */
  #due(now: number): ModelJob[] {
    return DOWN.flatMap((priority) => this.delayed(priority).filter(({ score }) => score <= now));
  }

  /** In the order of a sorted set. */
  #in(statuses: readonly JobStatus[]): ModelJob[] {
    const found = [...this.jobs.values()].filter(({ status }) => statuses.includes(status));
    return found.sort((a, b) => a.score - b.score || (a.id < b.id ? -1 : 1));
  }

  #count(status: JobStatus): number {
    return this.#in([status]).length;
  }

  #ring(jobs: number): void {
    if (this.#isPaused) return;
    this.bell = Math.max(this.bell, Math.min(64, this.bell + jobs));
  }
}

function outcome(action: "complete" | "fail" | "release", job: ModelJob, retryIn: number | null): JobStatus {
  if (action === "complete") return "completed";
  if (job.cancelRequested) return "cancelled";
  if (action === "release") return "queued";
  return retryIn !== null && job.attempt < ATTEMPTS ? "retrying" : "failed";
}
