import { randomUUID } from "node:crypto";
import { JOB_STATUSES, PRIORITIES, type Priority } from "@telltale/core";
import fc from "fast-check";
import { expect } from "vitest";
import { ERROR, type Harness, OUTPUT } from "./harness.js";
import { LEASE_MS, Model, type ModelLease } from "./model.js";

// Counted from the newest, and mostly the newest: what a worker holds now. Old ones are what it held.
const index = fc.oneof({ weight: 3, arbitrary: fc.nat({ max: 1 }) }, { weight: 1, arbitrary: fc.nat({ max: 30 }) });
const key = fc.option(fc.constantFrom("a", "b"), { freq: 2 });

const command = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("submit"),
      width: fc.nat({ max: 1 }),
      priority: fc.constantFrom(...PRIORITIES),
      delayMs: fc.constantFrom(0, 0, 500),
      unique: key,
      idempotency: key,
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("claim"),
      loop: fc.constantFrom("x", "y"),
      repeat: fc.boolean(),
      room: fc.integer({ min: 1, max: 3 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom("complete", "fail", "release"),
      lease: index,
      retryIn: fc.constantFrom(null, 0, 0, 200),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("extend"), lease: index }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("progress"), lease: index, n: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("cancel"), job: index }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("rerun"), job: index, late: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom("run now", "remove", "remove"), job: index }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("pause", "resume", "resume") }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom("promote", "promote", "prune") }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("reclaim"), afterMs: fc.constantFrom(0, LEASE_MS, LEASE_MS + 1) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("wait"),
      ms: fc.constantFrom(1, 500, 2_000, LEASE_MS, LEASE_MS + 1, 25 * 3_600_000, 8 * 86_400_000, -30_000, -120_000),
    }),
  },
);
const program = fc.array(fc.record({ command, isSentTwice: fc.boolean() }), {
  minLength: 5,
  maxLength: 40,
  size: "max",
});
type Command = typeof command extends fc.Arbitrary<infer C> ? C : never;

/** A queue and its model, led through the same commands. */
class Pair {
  readonly model = new Model();
  readonly ids: string[] = [];
  readonly leases: ModelLease[] = [];
  readonly requests = new Map<string, string>();
  readonly h: Harness;
  made = 0;

  constructor(h: Harness) {
    this.h = h;
  }

  /** The command as two calls that answer in the same words. */
  async bind(command: Command): Promise<{ real: () => Promise<string>; expected: () => string }> {
    const { h, model } = this;
    const { lane, clock } = h;
    if ("afterMs" in command) clock.advance(command.afterMs);
    const now = clock.now();
    if (command.do === "submit" && "width" in command) {
      const { width, priority, delayMs, unique, idempotency } = command;
      const options = { uniqueKey: unique ?? undefined, idempotencyKey: idempotency ?? undefined };
      const request = { kind: "resize", input: { width }, priority, delayMs, ...options };
      const job = await h.telltale.$engine.prepare(request);
      this.ids.push(job.id);
      return {
        real: async () => (await lane.submit([job])).map(([word, id]) => `${word} ${id}`).join(),
        expected: () => model.submit({ ...command, id: job.id }, now),
      };
    }
    if (command.do === "claim" && "loop" in command) {
      const { loop, room } = command;
      this.made += 1;
      const request = (command.repeat && this.requests.get(loop)) || `r${this.made}`;
      this.requests.set(loop, request);
      return {
        real: async () => {
          const { jobs } = await lane.claim({ loop, request, room, leaseMs: LEASE_MS });
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
        return { real: () => coded(lane.cancel(id, request)), expected: () => model.cancel(id, now) };
      }
      if (command.do === "run now") {
        return { real: () => coded(lane.runNow(id).then(() => "queued")), expected: () => model.runNow(id, now) };
      }
      if (command.do === "remove") {
        return { real: () => coded(lane.remove(id).then(() => "removed")), expected: () => model.remove(id) };
      }
      const round = (model.jobs.get(id)?.round ?? 1) - ("late" in command && command.late ? 1 : 0);
      const queued = lane.rerun.bind(lane, id, round);
      return { real: () => coded(queued().then(() => "queued")), expected: () => model.rerun(id, round, now) };
    }
    if ("ms" in command) {
      return { real: async () => "", expected: () => done(() => clock.advance(command.ms)) };
    }
    switch (command.do) {
      case "pause":
        return { real: () => lane.pause().then(() => ""), expected: () => done(() => model.pause()) };
      case "resume":
        return { real: () => lane.resume().then(() => ""), expected: () => done(() => model.resume()) };
      case "promote":
        return { real: () => lane.promote().then(() => ""), expected: () => done(() => model.promote(now)) };
      case "reclaim":
        return { real: () => lane.reclaim(LEASE_MS).then(() => ""), expected: () => done(() => model.reclaim(now)) };
      default:
        return { real: () => lane.prune().then(() => ""), expected: () => done(() => model.prune(now)) };
    }
  }

  bindLease(
    command: Extract<Command, { lease: number }>,
    lease: ModelLease,
  ): { real: () => Promise<string>; expected: () => string } {
    const { h, model } = this;
    const now = h.clock.now();
    const settling = { ...lease, pending: null };
    if (command.do === "extend") {
      return {
        real: async () => String(await h.lane.extend([lease], LEASE_MS)),
        expected: () => model.extend(lease, now),
      };
    }
    if ("n" in command) {
      const { n } = command;
      const stored = (): Promise<string> => h.lane.progress({ ...lease, n, progress: "p" }).then(() => "stored");
      return { real: () => coded(stored()), expected: () => model.progress(lease, n, now) };
    }
    const retryIn = "retryIn" in command ? command.retryIn : null;
    const expected = (action: "complete" | "fail") => () => model.settle(action, lease, { retryIn, clock: now });
    if (command.do === "complete") {
      const completed = (): Promise<string> => h.lane.complete({ ...settling, output: OUTPUT }).then(() => "completed");
      return { real: () => coded(completed()), expected: expected("complete") };
    }
    if (command.do === "fail") {
      return {
        real: () => coded(h.lane.fail({ ...settling, error: ERROR, retryInMs: retryIn })),
        expected: expected("fail"),
      };
    }
    // release answers nothing.
    const release = (): string => done(() => model.settle("release", lease, { retryIn: null, clock: now }));
    return { real: () => h.lane.release([lease]).then(() => ""), expected: release };
  }

  /** The whole queue as Redis has it, and as it should be. */
  async states(): Promise<{ real: unknown; expected: unknown }> {
    const { h } = this;
    const base = `${h.prefix}:{resize}:`;
    const reading = h.redis.pipeline();
    for (const id of this.ids)
      reading.hmget(`${base}job:${id}`, "status", "seq", "rev", "at", "round", "attempt", "fence");
    for (const id of this.ids) reading.llen(`${base}feed:${id}`);
    for (const set of SETS) reading.call("zrange", base + set, "0", "-1", "WITHSCORES");
    for (const priority of PRIORITIES) reading.lrange(`${base}waiting:${priority}`, 0, -1);
    reading.hgetall(`${base}unique`);
    reading.llen(`${base}bell`);
    reading.hmget(`${base}meta`, ...JOB_STATUSES);
    const replies = ((await reading.exec()) ?? []).map(([, reply]) =>
      typeof reply === "number" ? String(reply) : reply,
    );
    const counters = replies.pop();
    // One that was never moved is absent and means 0.
    const counted = Array.isArray(counters) ? counters.map(Number) : counters;
    return { real: [...replies, counted], expected: this.expected() };
  }

  expected(): unknown[] {
    const { model } = this;
    const jobs = [...model.jobs.values()];
    const none = [null, null, null, null, null, null, null];
    const inSet = (set: string): unknown[] =>
      jobs
        .filter(({ status }) => PLACE[status] === set)
        .sort((a, b) => a.score - b.score || (a.id < b.id ? -1 : 1))
        .flatMap(({ id, score }) => [id, String(score)]);
    return [
      ...this.ids.map((id) => {
        const job = model.jobs.get(id);
        return job ? [job.status, job.seq, job.rev, job.at, job.round, job.attempt, job.fence].map(String) : none;
      }),
      ...this.ids.map((id) => String(Math.min((model.jobs.get(id)?.seq ?? 1) - 1, 64))),
      ...SETS.map(inSet),
      ...PRIORITIES.map((priority: Priority) => model.waiting[priority]),
      Object.fromEntries([...model.unique].map(([name, id]) => [`resize:1:${name}`, id])),
      String(model.bell),
      JOB_STATUSES.map((status) => jobs.filter((job) => job.status === status).length),
    ];
  }
}

const SETS = ["leases", "scheduled", "completed", "failed"];
const PLACE = {
  scheduled: "scheduled",
  queued: "waiting",
  running: "leases",
  retrying: "scheduled",
  completed: "completed",
  failed: "failed",
  cancelled: "failed",
} as const;

/**
 * Leads a queue and its model through random programs of calls, some of them sent twice, and compares answers and
 * states after each; rejects with the seed and, where it may look for it, the shortest program that parts them. Empties
 * the server.
 */
export async function holdToModel(
  h: Harness,
  { runs, seed, endOnFailure = false }: Readonly<{ runs: number; seed?: number | undefined; endOnFailure?: boolean }>,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(program, async (steps) => {
      await h.redis.flushall();
      const pair = new Pair(h);
      for (const { command, isSentTwice } of steps) {
        const { real, expected } = await pair.bind(command);
        const answer = await real();
        expect(answer).toBe(expected());
        // As ioredis does when a reply was lost: the state of the model says that it is as if it had been sent once.
        if (isSentTwice && isSafeTwice(command)) expect(again(await real())).toBe(again(answer));
        const { real: found, expected: wanted } = await pair.states();
        expect(normal(found)).toEqual(normal(wanted));
      }
    }),
    { numRuns: runs, endOnFailure, ...(seed === undefined ? {} : { seed }) },
  );
}

// A claim renews leases and these three do what has become due: they are sent twice in tests of their own.
function isSafeTwice(command: Command): boolean {
  return !["wait", "claim", "promote", "reclaim", "prune"].includes(command.do);
}

function newest<T>(all: readonly T[], index: number): T | undefined {
  return all.at(-1 - (index % Math.max(all.length, 1)));
}

const again = (answer: string): string => answer.replace("created", "existing");
const words = (leases: readonly ModelLease[]): string => leases.map(({ id, fence }) => `${id} ${fence}`).join();
const coded = (call: Promise<string>): Promise<string> => call.catch((error: unknown) => String(Object(error).code));
const normal = (state: unknown): unknown => JSON.parse(JSON.stringify(state));

/** Does what answers nothing. */
function done(action: () => unknown): string {
  action();
  return "";
}
