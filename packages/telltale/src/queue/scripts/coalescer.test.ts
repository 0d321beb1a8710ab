import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { TelltaleError } from "../../core/index.js";
import { Coalescer } from "./coalescer.js";

/** A coalescer of numbers, the calls that it sent, and a function that answers the oldest one. */
function world() {
  const sent: number[][] = [];
  const open: { resolve(replies: string[]): void; reject(error: Error): void }[] = [];
  const coalescer = new Coalescer<number, string>({
    send: (items) => {
      sent.push([...items]);
      return new Promise((resolve, reject) => open.push({ resolve, reject }));
    },
    bytesOf: (n) => n,
  });
  return { coalescer, sent, open };
}

test("items of the same tick share a call, and each gets its own reply", async () => {
  const { coalescer, sent, open } = world();

  const replies = [1, 2, 3].map((n) => coalescer.call(n));
  await setImmediate();
  open[0]?.resolve(["one", "two", "three"]);

  expect(await Promise.all(replies)).toEqual(["one", "two", "three"]);
  expect(sent).toEqual([[1, 2, 3]]);
});

test("an item that comes alone is sent alone, in the same turn of the event loop", async () => {
  const { coalescer, sent } = world();

  void coalescer.call(1);
  await setImmediate();

  expect(sent).toEqual([[1]]);
});

test("a call has at most fifty items, and at most four calls are in flight", async () => {
  const { coalescer, sent, open } = world();

  for (let n = 1; n <= 260; n++) void coalescer.call(1);
  await setImmediate();
  expect(sent.map(({ length }) => length)).toEqual([50, 50, 50, 50]);
  open[0]?.resolve(Array.from({ length: 50 }, () => "one"));
  await setImmediate();
  await setImmediate();

  expect(sent.map(({ length }) => length)).toEqual([50, 50, 50, 50, 50]);
});

test("a call that exceeds a megabyte takes no more items", async () => {
  const { coalescer, sent } = world();

  for (const bytes of [600_000, 600_000, 1]) void coalescer.call(bytes);
  await setImmediate();

  expect(sent).toEqual([[600_000, 600_000], [1]]);
});

test("an item without a reply is reported as outcome_unknown", async () => {
  const { coalescer, open } = world();

  const calls = Promise.allSettled([coalescer.call(1), coalescer.call(2)]);
  await setImmediate();
  open[0]?.resolve(["one"]);

  expect(await calls).toMatchObject([{ value: "one" }, { reason: { code: "outcome_unknown" } }]);
});

test("if Redis is unavailable, the items that wait behind a call fail with it, and later ones are sent", async () => {
  const { coalescer, sent, open } = world();
  const down = new TelltaleError("redis_unavailable");

  const waiting = Promise.allSettled(Array.from({ length: 300 }, () => coalescer.call(1)));
  await setImmediate();
  const later = coalescer.call(7);
  for (const call of open.splice(0)) call.reject(down);
  await setImmediate();
  await setImmediate();
  for (const call of open.splice(0)) call.resolve(Array.from({ length: 50 }, () => "late"));

  const outcomes = await waiting;
  expect(outcomes.slice(0, 250).every((one) => one.status === "rejected" && one.reason === down)).toBe(true);
  expect(await later).toBe("late");
  expect(sent.at(-1)?.at(-1)).toBe(7);
});
