import { expect, test } from "vitest";
import { SubscriptionLimit } from "./subscription-limit.js";

test("whoever comes beyond the limit waits until somebody leaves, in order", async () => {
  const limit = new SubscriptionLimit(2);
  const served: string[] = [];
  const leave = ["a", "b", "c", "d"].map((name) => limit.take(() => served.push(name)));
  await Promise.resolve();
  expect(served).toEqual(["a", "b"]);

  leave[0]?.();
  leave[0]?.();
  await Promise.resolve();

  expect(served).toEqual(["a", "b", "c"]);
});

test("who leaves the line, or before its turn came, is not served and blocks nobody", async () => {
  const limit = new SubscriptionLimit(1);
  const served: string[] = [];
  const leaveFirst = limit.take(() => served.push("a"));
  const leaveLine = limit.take(() => served.push("b"));
  limit.take(() => served.push("c"));

  leaveLine();
  leaveFirst();
  await Promise.resolve();

  expect(served).toEqual(["c"]);
});
