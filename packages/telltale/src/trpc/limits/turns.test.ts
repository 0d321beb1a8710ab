import { expect, test } from "vitest";
import { Turns } from "./turns.js";

/** Creates calls that a test ends one by one, and records the order in which they start. */
function calls() {
  const started: number[] = [];
  const ends = new Map<number, () => void>();
  const call = (n: number) => () =>
    new Promise<number>((resolve) => {
      started.push(n);
      ends.set(n, () => resolve(n));
    });
  return { started, call, end: (n: number) => ends.get(n)?.() };
}

test("only a few calls of a caller run at the same time, and the others follow in order", async () => {
  const turns = new Turns({ atOnce: 2, maxWaiting: 9 });
  const { started, call, end } = calls();
  const running = [1, 2, 3, 4].map((n) => turns.run("ann", call(n)));

  expect(started).toEqual([1, 2]);
  end(2);
  await running[1];
  await Promise.resolve();
  expect(started).toEqual([1, 2, 3]);
  for (const n of [1, 3]) end(n);
  await Promise.all([running[0], running[2]]);
  await Promise.resolve();
  end(4);

  expect(await Promise.all(running)).toEqual([1, 2, 3, 4]);
  expect(turns.size).toBe(0);
});

test("one caller does not wait for another", () => {
  const turns = new Turns({ atOnce: 1, maxWaiting: 9 });
  const { started, call } = calls();

  void turns.run("ann", call(1));
  void turns.run("ann", call(2));
  void turns.run("bob", call(3));

  expect(started).toEqual([1, 3]);
});

test("a call is refused if too many are waiting", async () => {
  const turns = new Turns({ atOnce: 1, maxWaiting: 1 });
  const { call } = calls();
  void turns.run("ann", call(1));
  void turns.run("ann", call(2));

  await expect(turns.run("ann", call(3))).rejects.toMatchObject({ code: "too_many" });
});

test("the next call starts when one fails", async () => {
  const turns = new Turns({ atOnce: 1, maxWaiting: 1 });
  const failing = turns.run("ann", () => Promise.reject(new Error("no")));
  const next = turns.run("ann", () => Promise.resolve("done"));

  await expect(failing).rejects.toThrow("no");
  expect(await next).toBe("done");
  expect(turns.size).toBe(0);
});

test("a caller one of whose calls has ended may start one more, and not two", async () => {
  const turns = new Turns({ atOnce: 2, maxWaiting: 9 });
  const { started, call, end } = calls();
  const first = turns.run("ann", call(1));
  void turns.run("ann", call(2));
  end(1);
  await first;

  void turns.run("ann", call(3));
  void turns.run("ann", call(4));

  expect(started).toEqual([1, 2, 3]);
  expect(turns.size).toBe(1);
});
