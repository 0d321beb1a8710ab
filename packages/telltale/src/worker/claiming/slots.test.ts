import { expect, test } from "vitest";
import { Slots } from "./slots.js";

const never = new AbortController().signal;

/** Takes slots, and tells how many once there are some. */
function taking(slots: Slots, signal = never) {
  const state: { taken: number | undefined } = { taken: undefined };
  void slots.take(signal).then((taken) => {
    state.taken = taken;
  });
  return state;
}

/** Lets everything run that is ready to run. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("a claim reserves all free slots, and gets back those for which there was no job", async () => {
  const slots = new Slots(10);

  expect(await slots.take(never)).toBe(10);
  expect([slots.free, slots.open]).toEqual([0, 10]);
  slots.use(3, 10);

  expect([slots.free, slots.open]).toEqual([7, 7]);
  slots.give(3);
  expect(slots.free).toBe(10);
});

test("a claim waits until a slot is free", async () => {
  const slots = new Slots(1);
  await slots.take(never);
  slots.use(1, 1);
  const waiting = taking(slots);

  await settled();
  expect(waiting.taken).toBeUndefined();
  expect([slots.free, slots.open]).toEqual([0, 0]);
  slots.give(1);
  await settled();

  expect(waiting.taken).toBe(1);
});

test("loops that wait for a slot are served in turn, one for each slot", async () => {
  const slots = new Slots(1);
  await slots.take(never);
  slots.use(1, 1);
  const loops = [taking(slots), taking(slots), taking(slots)];

  const served: (number | undefined)[][] = [];
  for (let n = 0; n < 3; n++) {
    slots.give(1);
    await settled();
    served.push(loops.map(({ taken }) => taken));
    slots.use(1, 1);
  }

  expect(served).toEqual([
    [1, undefined, undefined],
    [1, 1, undefined],
    [1, 1, 1],
  ]);
});

test("a loop that waits keeps its turn when a claim ends that frees no slot", async () => {
  const slots = new Slots(2);
  await slots.take(never);
  slots.use(1, 1);
  const [first, second] = [taking(slots), taking(slots)];
  await settled();

  slots.use(1, 1);
  await settled();
  slots.give(1);
  await settled();

  expect([first.taken, second.taken]).toEqual([1, undefined]);
});

test("a worker that stops does not take slots, and leaves those who wait", async () => {
  const slots = new Slots(1);
  const stopping = new AbortController();
  await slots.take(never);
  slots.use(1, 1);
  const waiting = taking(slots, stopping.signal);

  stopping.abort();
  await settled();
  expect(waiting.taken).toBe(0);
  slots.give(1);

  expect(slots.free).toBe(1);
  expect(await slots.take(stopping.signal)).toBe(0);
  expect([slots.free, slots.open]).toEqual([1, 1]);
});

test("a repeated claim reserves no more slots than are free now, nor than it had", () => {
  const slots = new Slots(5);

  expect(slots.takeUpTo(3)).toBe(3);
  expect(slots.takeUpTo(3)).toBe(2);
  expect(slots.takeUpTo(3)).toBe(0);
  expect([slots.free, slots.open]).toEqual([0, 5]);
});

test("jobs of a repeated claim whose slots were given away run all the same, and no others start until they have ended", async () => {
  const slots = new Slots(2);
  // The first try reserved two slots, which another loop has used since.
  slots.takeUpTo(2);
  slots.use(0, 2);
  slots.takeUpTo(2);
  slots.use(2, 2);

  slots.use(2, 0);
  expect([slots.free, slots.open]).toEqual([0, 0]);
  const waiting = taking(slots);
  slots.give(1);
  slots.give(1);
  await settled();
  expect(waiting.taken).toBeUndefined();
  slots.give(1);
  await settled();

  expect(waiting.taken).toBe(1);
});
