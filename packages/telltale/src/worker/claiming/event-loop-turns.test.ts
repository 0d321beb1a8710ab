import { setImmediate as immediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { EventLoopTurns } from "./event-loop-turns.js";

test("a single caller continues immediately", async () => {
  const turns = new EventLoopTurns();
  const steps: string[] = [];

  void turns.next().then(() => steps.push("first"));
  await Promise.resolve();

  expect(steps).toEqual(["first"]);
});

test("callers of one turn continue one after the other, each after what the previous one sent", async () => {
  const turns = new EventLoopTurns();
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

test("the first caller after a turn continues immediately again", async () => {
  const turns = new EventLoopTurns();
  const steps: string[] = [];
  await turns.next();
  await immediate();
  await immediate();
  await immediate();

  void turns.next().then(() => steps.push("second"));
  await Promise.resolve();

  expect(steps).toEqual(["second"]);
});
