import { expect, test } from "vitest";
import { Places } from "./places.js";

test("whoever comes after the last place waits until one is given back, in order", async () => {
  const places = new Places(2);
  const served: string[] = [];
  const leave = ["a", "b", "c", "d"].map((name) => places.take(() => served.push(name)));
  await Promise.resolve();
  expect(served).toEqual(["a", "b"]);

  leave[0]?.();
  leave[0]?.();
  await Promise.resolve();

  expect(served).toEqual(["a", "b", "c"]);
});

test("who leaves the line, or the place before its turn came, is not served and blocks nobody", async () => {
  const places = new Places(1);
  const served: string[] = [];
  const leaveFirst = places.take(() => served.push("a"));
  const leaveLine = places.take(() => served.push("b"));
  places.take(() => served.push("c"));

  leaveLine();
  leaveFirst();
  await Promise.resolve();

  expect(served).toEqual(["c"]);
});
