import { PRIORITIES, type Priority, type RateLimit } from "telltale";
import type { QueueLimits } from "../../src/queue/record/queue-limits.js";

/** The part of a job that the model of limits uses. */
export interface LimitedJob {
  readonly id: string;
  readonly priority: Priority;
  readonly concurrency: string | null;
  readonly rate: string | null;
}

const PARKED_MS = 30_000;

/** Limits per key as documented: groups take turns, and wait while their key does not allow a start. */
export class LimitsModel {
  readonly limits: QueueLimits;
  /** Ids by priority and group. The last one is claimed next. */
  readonly #lists = new Map<string, string[]>();
  readonly turns: Record<Priority, string[]> = { urgent: [], high: [], normal: [], low: [] };
  readonly parked = new Map<string, number>();
  readonly #blocked = new Map<string, string[]>();
  readonly slots = new Map<string, Set<string>>();
  readonly #starts = new Map<string, number[]>();
  /** Whether such a job ever existed. */
  isUsed = false;

  constructor(limits: QueueLimits) {
    this.limits = limits;
  }

  list(group: string, priority: Priority): string[] {
    const name = `${priority}:${group}`;
    const list = this.#lists.get(name) ?? [];
    this.#lists.set(name, list);
    return list;
  }

  push(group: string, job: LimitedJob, atFront: boolean): void {
    const list = this.list(group, job.priority);
    if (atFront) list.push(job.id);
    else list.unshift(job.id);
    if (!this.parked.has(group)) this.queueUp(group, job.priority);
  }

  queueUp(group: string, priority: Priority): void {
    this.isUsed = true;
    if (!this.turns[priority].includes(group)) this.turns[priority].push(group);
  }

  park(group: string, untilMs: number): void {
    for (const priority of PRIORITIES) this.turns[priority] = this.turns[priority].filter((one) => one !== group);
    this.parked.set(group, untilMs);
  }

  unpark(group: string): boolean {
    if (!this.parked.delete(group)) return false;
    const having = PRIORITIES.filter((priority) => this.list(group, priority).length > 0);
    for (const priority of having) this.queueUp(group, priority);
    return having.length > 0;
  }

  block(slot: string, group: string): void {
    const blocked = this.#blocked.get(slot) ?? [];
    this.#blocked.set(slot, blocked);
    if (!blocked.includes(group)) blocked.push(group);
  }

  /** Whether a group was woken. */
  wake(slot: string): boolean {
    const blocked = this.#blocked.get(slot) ?? [];
    for (let group = blocked.shift(); group !== undefined; group = blocked.shift()) {
      if (this.unpark(group)) return true;
    }
    return false;
  }

  /** Removes a cancelled job, and its group if it was the last one. Whether that woke another group. */
  drop(group: string, { id, priority }: LimitedJob): boolean {
    const list = this.list(group, priority);
    // The newest entry comes first.
    const at = list.indexOf(id);
    if (at >= 0) list.splice(at, 1);
    if (list.length > 0) return false;
    const hadTurn = this.turns[priority].includes(group);
    this.turns[priority] = this.turns[priority].filter((one) => one !== group);
    if (PRIORITIES.some((one) => this.list(group, one).length > 0)) return false;
    this.parked.delete(group);
    const blocked = this.#blocked.get(slotOf(group)) ?? [];
    this.#blocked.set(
      slotOf(group),
      blocked.filter((one) => one !== group),
    );
    return hadTurn && this.wake(slotOf(group));
  }

  take(job: LimitedJob): void {
    if (job.concurrency === null) return;
    this.slots.set(job.concurrency, (this.slots.get(job.concurrency) ?? new Set()).add(job.id));
  }

  /** Whether that woke a group. */
  free(job: LimitedJob): boolean {
    if (job.concurrency === null) return false;
    this.slots.get(job.concurrency)?.delete(job.id);
    return this.wake(job.concurrency);
  }

  /** Until when a job may not start, and whether the reason is a missing slot. */
  bar(job: LimitedJob, now: number): { untilMs: number; wantsSlot: boolean } | null {
    const of = this.limits.kinds[0];
    const running = job.concurrency === null ? 0 : (this.slots.get(job.concurrency)?.size ?? 0);
    if (job.concurrency !== null && of?.concurrency != null && running >= of.concurrency) {
      return { untilMs: now + PARKED_MS, wantsSlot: true };
    }
    const next = job.rate !== null && of?.rate ? this.nextStart(job.rate, of.rate, now) : null;
    return next === null ? null : { untilMs: Math.min(next, now + PARKED_MS), wantsSlot: false };
  }

  nextStart(key: string, { max, perMs }: RateLimit, now: number): number | null {
    const starts = this.#starts.get(key) ?? [];
    if ((starts[0] ?? 0) > now) {
      this.#starts.delete(key);
      return null;
    }
    const oldest = starts[max - 1];
    return oldest !== undefined && oldest + perMs > now ? oldest + perMs : null;
  }

  noteStart(job: LimitedJob, now: number): void {
    if (this.limits.rate) this.#note("", now);
    if (job.rate !== null && this.limits.kinds[0]?.rate) this.#note(job.rate, now);
  }

  #note(key: string, now: number): void {
    this.#starts.set(key, [now, ...(this.#starts.get(key) ?? [])]);
  }

  /** Unparks groups whose time has come or which were parked before the clock went back. Returns their number. */
  unparkDue(now: number): number {
    const all = [...this.parked].sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1));
    const due = all.filter(([, at]) => at <= now || at > now + PARKED_MS);
    return due.filter(([group]) => this.unpark(group)).length;
  }

  get claimable(): number {
    return PRIORITIES.reduce((sum, priority) => sum + this.turns[priority].length, 0);
  }
}

/** The group in which a job waits, or null if no key limits it. */
export function groupOf({ concurrency, rate }: LimitedJob): string | null {
  if (concurrency === null || rate === null || concurrency === rate) return concurrency ?? rate;
  return `${concurrency.length}:${concurrency}${rate}`;
}

/** The key of a group's slots. */
export function slotOf(group: string): string {
  const [, length, rest = ""] = /^(\d+):(.*)$/.exec(group) ?? [];
  return length === undefined ? group : rest.slice(0, Number(length));
}
