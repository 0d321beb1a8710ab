import { setImmediate as immediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { Turns } from "./turns.js";

test("a caller that comes alone goes on at once", async () => {
  const turns = new Turns();
  const steps: string[] = [];

  void turns.next().then(() => steps.push("first"));
  await Promise.resolve();

  expect(steps).toEqual(["first"]);
});

test("callers that come together go on one after the other, each after what the one before sent in its turn", async () => {
  const turns = new Turns();
  const steps: string[] = [];

  const all = ["first", "second", "third"].map(async (name) => {
    await turns.next();
    steps.push(`${name} begins`);
    await immediate();
    steps.push(`${name} sends`);
  });
  await Promise.all(all);

  expect(steps).toEqual([
    ...["first begins", "first sends", "second begins", "second sends", "third begins", "third sends"],
  ]);
});

test("a turn that is over is free again", async () => {
  const turns = new Turns();
  const steps: string[] = [];
  await turns.next();
  await immediate();
  await immediate();
  await immediate();

  void turns.next().then(() => steps.push("second"));
  await Promise.resolve();

  expect(steps).toEqual(["second"]);
});
