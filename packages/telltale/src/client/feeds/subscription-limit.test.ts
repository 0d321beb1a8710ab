import { expect, test } from "vitest";
import { SubscriptionLimit } from "./subscription-limit.js";

test("subscriptions beyond the limit wait in order until another one ends", async () => {
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

test("a subscription that ends while it waits is never opened and blocks no other", async () => {
  const limit = new SubscriptionLimit(1);
  const served: string[] = [];
  const leaveFirst = limit.take(() => served.push("a"));
  const leaveQueue = limit.take(() => served.push("b"));
  limit.take(() => served.push("c"));

  leaveQueue();
  leaveFirst();
  await Promise.resolve();

  expect(served).toEqual(["c"]);
});
