import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { JOB_STATUSES, PRIORITIES, type Priority } from "telltale";
import { expect } from "vitest";
import { addLine, addOpen, countsOf, type Tally } from "../../src/queue/history/tally.js";
import type { QueueLimits } from "../../src/queue/record/queue-limits.js";
import type { QueueScripts } from "../../src/queue/scripts/queue-scripts.js";
import { ERROR, type Harness, OUTPUT } from "./harness.js";
import { LEASE_MS, Model, type ModelLease, QUOTAS } from "./model.js";
import { type Command, PROGRAMS } from "./model-commands.js";

/** A queue and its model, which execute the same commands. */
class Pair {
  readonly model: Model;
  readonly scripts: QueueScripts;
  readonly ids: string[] = [];
  readonly leases: ModelLease[] = [];
  readonly requests = new Map<string, string>();
  readonly h: Harness;
  made = 0;

  constructor(h: Harness, limits: QueueLimits) {
    this.h = h;
    this.model = new Model(limits);
    this.scripts = h.scriptsWith({ limits });
  }

  /** The command as two calls whose replies can be compared. */
  async bind(command: Command): Promise<{ real: () => Promise<string>; expected: () => string }> {
    const { h, model, scripts } = this;
    const { clock } = h;
    if ("afterMs" in command) clock.advance(command.afterMs);
    const now = clock.now();
    if (command.do === "submit" && "width" in command) {
      const { width, priority, delayMs, unique, idempotency, startWithinMs, account, ...keys } = command;
      const limitKeys = { concurrency: scoped(keys.concurrency), rate: scoped(keys.rate) };
      const options = { uniqueKey: unique ?? undefined, idempotencyKey: idempotency ?? undefined };
      const request = { kind: "resize", input: { width }, priority, delayMs, ...options };
      const job = {
        ...(await h.telltale.$engine.prepare(request)),
        startWithinMs: startWithinMs ?? undefined,
        limitKeys,
        quota: account === null ? undefined : { account, ...QUOTAS[account] },
      };
      const bytes = job.input.length;
      this.ids.push(job.id);
      return {
        real: async () => (await scripts.submit([job])).map(([word, id]) => `${word} ${id}`).join(),
        expected: () => model.submit({ ...command, ...limitKeys, id: job.id, bytes }, now),
      };
    }
    if (command.do === "claim" && "loop" in command) {
      const { loop, room } = command;
      this.made += 1;
      const request = (command.repeat && this.requests.get(loop)) || `r${this.made}`;
      this.requests.set(loop, request);
      return {
        real: async () => {
          const { jobs } = await scripts.claim({ loop, request, room, leaseMs: LEASE_MS });
          this.leases.push(...jobs.map(({ id, fence }) => ({ id, fence })));
          return words(jobs);
        },
        expected: () => words(model.claim(loop, request, { room, clock: now })),
      };
    }
    if ("lease" in command) {
      const lease = newest(this.leases, command.lease) ?? {
        id: `resize_${"0".repeat(32)}`,
        fence: 1,
      };
      return this.bindLease(command, lease);
    }
    if ("job" in command) {
      const id = newest(this.ids, command.job) ?? `resize_${"0".repeat(32)}`;
      const request = randomUUID();
      if (command.do === "cancel") {
        return { real: () => coded(scripts.cancel(id, request)), expected: () => model.cancel(id, now) };
      }
      if (command.do === "run now") {
        return { real: () => coded(scripts.runNow(id).then(() => "queued")), expected: () => model.runNow(id, now) };
      }
      if (command.do === "remove") {
        return { real: () => coded(scripts.remove(id).then(() => "removed")), expected: () => model.remove(id) };
      }
      const round = (model.jobs.get(id)?.round ?? 1) - ("late" in command && command.late ? 1 : 0);
      const queued = scripts.rerun.bind(scripts, id, round);
      return { real: () => coded(queued().then(() => "queued")), expected: () => model.rerun(id, round, now) };
    }
    if ("ms" in command) {
      return { real: async () => "", expected: () => done(() => clock.advance(command.ms)) };
    }
    switch (command.do) {
      case "pause":
        return { real: () => scripts.pause().then(() => ""), expected: () => done(() => model.pause()) };
      case "resume":
        return { real: () => scripts.resume().then(() => ""), expected: () => done(() => model.resume()) };
      case "promote":
        return { real: () => scripts.promote().then(() => ""), expected: () => done(() => model.promote(now)) };
      case "expire":
        return { real: () => scripts.expire().then(() => ""), expected: () => done(() => model.expire(now)) };
      case "reclaim":
        return { real: () => scripts.reclaim(LEASE_MS).then(() => ""), expected: () => done(() => model.reclaim(now)) };
      default:
        return { real: () => scripts.prune().then(() => ""), expected: () => done(() => model.prune(now)) };
    }
  }

  bindLease(
    command: Extract<Command, { lease: number }>,
    lease: ModelLease,
  ): { real: () => Promise<string>; expected: () => string } {
    const { h, model, scripts } = this;
    const now = h.clock.now();
    const settling = { ...lease, pending: null };
    if (command.do === "extend") {
      return {
        real: async () => String(await scripts.extend([lease], LEASE_MS)),
        expected: () => model.extend(lease, now),
      };
    }
    if ("n" in command) {
      const { n } = command;
      const stored = (): Promise<string> => scripts.progress({ ...lease, n, progress: "p" }).then(() => "stored");
      return { real: () => coded(stored()), expected: () => model.progress(lease, n, now) };
    }
    const retryIn = "retryIn" in command ? command.retryIn : null;
    const expected = (action: "complete" | "fail") => () => model.settle(action, lease, { retryIn, clock: now });
    if (command.do === "complete") {
      const completed = (): Promise<string> =>
        scripts.complete({ ...settling, output: OUTPUT }).then(() => "completed");
      return { real: () => coded(completed()), expected: expected("complete") };
    }
    if (command.do === "fail") {
      return {
        real: () => coded(scripts.fail({ ...settling, error: ERROR, retryInMs: retryIn })),
        expected: expected("fail"),
      };
    }
    // release has no reply.
    const release = (): string => done(() => model.settle("release", lease, { retryIn: null, clock: now }));
    return { real: () => scripts.release([lease]).then(() => ""), expected: release };
  }

  /** The whole queue as Redis has it, and as it should be. */
  async states(): Promise<{ real: unknown; expected: unknown }> {
    const { h } = this;
    const base = `${h.prefix}:{resize}:`;
    const reading = h.redis.pipeline();
    for (const id of this.ids) reading.hget(`${base}job:${id}`, "state");
    for (const id of this.ids) reading.llen(`${base}feed:${id}`);
    for (const set of [...SETS, ...PRIORITIES.map((one) => `scheduled:${one}`), "grouped", "expiring", "parked"])
      reading.call("zrange", base + set, "0", "-1", "WITHSCORES");
    for (const priority of PRIORITIES) reading.lrange(`${base}waiting:${priority}`, 0, -1);
    for (const priority of PRIORITIES) reading.call("zrange", `${base}turns:${priority}`, "0", "-1");
    for (const slot of SLOTS) reading.call("sort", `${base}slots:${slot}`, "ALPHA");
    reading.hgetall(`${base}unique`);
    reading.hgetall(`${base}outstanding`);
    reading.llen(`${base}bell`);
    reading.hmget(`${base}meta`, ...JOB_STATUSES);
    const replies = ((await reading.exec()) ?? []).map(([, reply]) =>
      typeof reply === "number" ? String(reply) : reply,
    );
    // What follows the first words is checked by its effects.
    for (const i of this.ids.keys())
      replies[i] = String(replies[i] ?? "")
        .split(" ")
        .slice(0, 7)
        .join(" ");
    const counters = replies.pop();
    // A counter that was never changed is missing and means 0.
    const counted = Array.isArray(counters) ? counters.map(Number) : counters;
    return { real: [...replies, counted], expected: this.expected() };
  }

  /** What the queue has counted, in the hours that are kept and since it was created, and what it should have counted. */
  async history(): Promise<{ real: unknown; expected: unknown }> {
    const hours = this.model.history.sums(HOUR_MS);
    const now = this.h.clock.now();
    const kept = [...hours].filter(([hour]) => hour * HOUR_MS > now - 29 * DAY_MS);
    const days = kept.map(([hour]) => Math.floor(hour / 24));
    const read = {
      per: "hours",
      first: days.length > 0 ? Math.min(...days) : 1,
      last: Math.max(...days, 0),
      kind: "",
    } as const;
    const { lines, totals, open, openMinute } = await this.scripts.readHistory(read);
    const found = new Map<number, Tally>(kept.map(([hour]) => [hour, new Map()]));
    for (const { key, position, line } of lines) addLine(found.get(key * 24 + position) ?? new Map(), line);
    addOpen(found.get(Math.floor((openMinute ?? 0) / 60)) ?? new Map(), { open }, "resize");
    const all: Tally = new Map();
    for (const { line } of totals) addLine(all, line);
    addOpen(all, { open }, "resize");
    return {
      real: [countsOf(all), ...[...found.values()].map(sorted)],
      expected: [countsOf(this.model.history.totals), ...kept.map(([, counts]) => sorted(counts))],
    };
  }

  expected(): unknown[] {
    const { model } = this;
    const jobs = [...model.jobs.values()];
    const inSet = (set: string): unknown[] =>
      jobs
        .filter(({ status }) => PLACE[status] === set)
        .sort((a, b) => a.score - b.score || (a.id < b.id ? -1 : 1))
        .flatMap(({ id, score }) => [id, String(score)]);
    return [
      ...this.ids.map((id) => {
        const job = model.jobs.get(id);
        return job ? [job.status, job.seq, job.rev, job.at, job.round, job.attempt, job.fence].join(" ") : "";
      }),
      ...this.ids.map((id) => String(Math.min((model.jobs.get(id)?.seq ?? 1) - 1, 64))),
      ...SETS.map(inSet),
      ...PRIORITIES.map((one: Priority) => model.delayed(one).flatMap(({ id, score }) => [id, String(score)])),
      model.grouped.flatMap(({ id, at }) => [id, String(at)]),
      jobs
        .flatMap(({ id, startBy }) => (startBy === null ? [] : [{ id, startBy }]))
        .sort((a, b) => a.startBy - b.startBy || (a.id < b.id ? -1 : 1))
        .flatMap(({ id, startBy }) => [id, String(startBy)]),
      [...model.limited.parked]
        .sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1))
        .flatMap(([group, untilMs]) => [group, String(untilMs)]),
      ...PRIORITIES.map((priority: Priority) => model.waiting[priority]),
      ...PRIORITIES.map((priority: Priority) => model.limited.turns[priority]),
      ...SLOTS.map((slot) => [...(model.limited.slots.get(slot) ?? [])].sort()),
      Object.fromEntries([...model.unique].map(([name, id]) => [`resize:1:${name}`, id])),
      Object.fromEntries(
        [...model.outstanding].flatMap(([account, { jobs, bytes }]) => [
          [`jobs:${account}`, String(jobs)],
          [`bytes:${account}`, String(bytes)],
        ]),
      ),
      String(model.bell),
      JOB_STATUSES.map((status) => jobs.filter((job) => job.status === status).length),
    ];
  }
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const sorted = (counts: ReadonlyMap<number, number>): unknown => [...counts].sort(([a], [b]) => a - b);

const SLOTS = ["resize:a", "resize:b"];
const SETS = ["leases", "completed", "failed"];
const PLACE = {
  scheduled: "scheduled",
  queued: "waiting",
  running: "leases",
  retrying: "scheduled",
  completed: "completed",
  failed: "failed",
  cancelled: "failed",
} as const;

/** The kind and number of programs. */
export interface HoldOptions {
  readonly of: keyof typeof PROGRAMS;
  readonly runs: number;
  readonly seed?: number | undefined;
  readonly endOnFailure?: boolean;
}

/**
 * Leads a queue and its model through random programs of calls, some of them sent twice, and compares answers and
 * states after each; rejects with the seed and, where it may look for it, the shortest program that parts them. Empties
 * the server.
 */
export async function holdToModel(h: Harness, { runs, seed, endOnFailure = false, of }: HoldOptions): Promise<void> {
  await fc.assert(
    fc.asyncProperty(PROGRAMS[of], async ({ limits, steps }) => {
      await h.redis.flushall();
      const pair = new Pair(h, limits);
      for (const { command, isSentTwice } of steps) {
        const { real, expected } = await pair.bind(command);
        const answer = await real();
        expect(answer).toBe(expected());
        // ioredis repeats a call when its reply was lost. The comparison with the model shows that the repeat changed nothing.
        if (isSentTwice && isSafeTwice(command)) expect(again(await real())).toBe(again(answer));
        const { real: found, expected: wanted } = await pair.states();
        expect(normal(found)).toEqual(normal(wanted));
        const { real: counted, expected: happened } = await pair.history();
        expect(normal(counted)).toEqual(normal(happened));
      }
    }),
    { numRuns: runs, endOnFailure, ...(seed === undefined ? {} : { seed }) },
  );
}

// A claim renews leases, and the others process whatever is due. Other tests repeat them.
function isSafeTwice(command: Command): boolean {
  return !["wait", "claim", "promote", "expire", "reclaim", "prune"].includes(command.do);
}

function newest<T>(all: readonly T[], index: number): T | undefined {
  return all.at(-1 - (index % Math.max(all.length, 1)));
}

const scoped = (key: string | null): string | null => (key === null ? null : `resize:${key}`);
const again = (answer: string): string => answer.replace("created", "existing");
const words = (leases: readonly ModelLease[]): string => leases.map(({ id, fence }) => `${id} ${fence}`).join();
const coded = (call: Promise<string>): Promise<string> => call.catch((error: unknown) => String(Object(error).code));
const normal = (state: unknown): unknown => JSON.parse(JSON.stringify(state));

/** Runs an action without a reply. */
function done(action: () => unknown): string {
  action();
  return "";
}
