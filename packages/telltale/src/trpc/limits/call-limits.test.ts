import { expect, test } from "vitest";
import type { Sink } from "../sink.js";
import type { CALL_COSTS } from "./call-costs.js";
import { assertLimit, CallLimits, type LimitedCaller } from "./call-limits.js";

function world(options: Partial<{ costPerMinute: number; listsAtOnce: number }> = {}) {
  const clock = { now: 0 };
  const limits = new CallLimits({ costPerMinute: 10, listsAtOnce: 2, now: () => clock.now, ...options });
  const run = (name: keyof typeof CALL_COSTS, caller: LimitedCaller) => limits.run(name, caller, async () => "done");
  return { clock, limits, run };
}

const ann = { subject: { id: "ann" }, sink: null };

/** A caller who is a new subject in each call, or none. */
const from = (address: string, id?: string): LimitedCaller => ({
  subject: id === undefined ? null : { id },
  // Only its address is looked at.
  sink: { address } as Sink,
});

const refused = expect.objectContaining({ code: "TOO_MANY_REQUESTS" });

test("a list of jobs costs as much as ten reads of a job", async () => {
  const { run, clock } = world();

  expect(await run("list", ann)).toBe("done");
  await expect(run("get", ann)).rejects.toEqual(refused);
  clock.now = 6_000;

  expect(await run("get", ann)).toBe("done");
  await expect(run("get", ann)).rejects.toEqual(refused);
});

test("a call about several jobs spends more, and is refused before it spends more than there is", async () => {
  const { limits, run } = world();
  limits.spendMore(ann, 9);

  expect(() => limits.spendMore(ann, 2)).toThrow(expect.objectContaining({ code: "too_many" }));
  expect(await run("get", ann)).toBe("done");
  await expect(run("get", ann)).rejects.toEqual(refused);
});

test("subjects have separate budgets, and all callers of an address together have ten times as much", async () => {
  const { run } = world();
  for (let n = 0; n < 10; n++) expect(await run("list", from("1.2.3.4", `user ${n}`))).toBe("done");

  await expect(run("get", from("1.2.3.4", "one more"))).rejects.toEqual(refused);
  await expect(run("get", from("1.2.3.4"))).rejects.toEqual(refused);
  expect(await run("get", from("1.2.3.5", "one more"))).toBe("done");
});

test("anonymous callers count by their address, and one without an address is not limited here", async () => {
  const { run } = world({ costPerMinute: 1 });
  for (let n = 0; n < 10; n++) expect(await run("get", from("1.2.3.4"))).toBe("done");

  await expect(run("get", from("1.2.3.4"))).rejects.toEqual(refused);
  for (let n = 0; n < 50; n++) expect(await run("get", { subject: null, sink: null })).toBe("done");
});

/** Starts calls that end when they are told to, and counts those that run. */
function held() {
  const ends: (() => void)[] = [];
  return { call: () => new Promise<string>((resolve) => ends.push(() => resolve("done"))), ends };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("only a few lists of one subject run at the same time, but its other calls do not wait", async () => {
  const { limits } = world({ costPerMinute: 10_000 });
  const { call, ends } = held();
  for (let n = 0; n < 5; n++) void limits.run("list", ann, call);
  await settled();
  expect(ends).toHaveLength(2);

  void limits.run("get", ann, call);
  void limits.run("queues.list", { subject: { id: "bob" }, sink: null }, call);
  await settled();
  expect(ends).toHaveLength(4);
  ends[0]?.();
  await settled();

  expect(ends).toHaveLength(5);
});

test.each(["list", "queues.list", "schedules.list"] as const)("%s is such a list", async (name) => {
  const { limits } = world({ costPerMinute: 10_000 });
  const { call, ends } = held();

  for (let n = 0; n < 5; n++) void limits.run(name, ann, call);
  await settled();

  expect(ends).toHaveLength(2);
});

test("lists of one address wait too, above ten times as many", async () => {
  const { limits } = world({ costPerMinute: 10_000, listsAtOnce: 1 });
  const { call, ends } = held();

  for (let n = 0; n < 25; n++) void limits.run("schedules.list", from("1.2.3.4", `user ${n}`), call);
  await settled();
  expect(ends).toHaveLength(10);
  for (let n = 0; n < 15; n++) void limits.run("list", from("1.2.3.5"), call);
  await settled();

  expect(ends).toHaveLength(20);
});

test("no more than fifty lists of a subject wait", async () => {
  const { limits } = world({ costPerMinute: 10_000, listsAtOnce: 1 });
  const { call } = held();
  for (let n = 0; n < 51; n++) void limits.run("list", ann, call);

  await expect(limits.run("list", ann, call)).rejects.toEqual(refused);
});

test("errors of a call reach the caller as errors of tRPC", async () => {
  const { limits } = world();

  await expect(limits.run("get", ann, () => Promise.reject(new Error("secret")))).rejects.toMatchObject({
    code: "INTERNAL_SERVER_ERROR",
    message: "Internal error",
  });
});

test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])("a limit of %d is refused by name", (value) => {
  expect(() => assertLimit("costPerMinute", value)).toThrow(
    expect.objectContaining({
      code: "invalid_config",
      message: `costPerMinute must be a whole number of at least 1, not ${value}`,
    }),
  );
});

test("a limit of 1 is accepted", () => {
  expect(() => assertLimit("costPerMinute", 1)).not.toThrow();
});
