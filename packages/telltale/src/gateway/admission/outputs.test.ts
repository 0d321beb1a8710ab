import { expect, test } from "vitest";
import { type CountedOutput, Outputs } from "./outputs.js";

class TestOutput {
  size = 0;
  isCut = false;
  looks = 0;
  readonly counted: CountedOutput;

  constructor(outputs: Outputs) {
    const cut = (): void => {
      this.isCut = true;
    };
    this.counted = outputs.add({ bytes: () => this.look(), cut });
  }

  look(): number {
    this.looks++;
    return this.size;
  }
}

const output = (outputs: Outputs): TestOutput => new TestOutput(outputs);

test("above the total limit, the outputs with the most buffered data are cut, and no others", () => {
  const outputs = new Outputs(100);
  const [small, large, larger] = [output(outputs), output(outputs), output(outputs)];
  small.size = 10;
  small.counted.grew();
  large.size = 40;
  large.counted.grew();

  larger.size = 60;
  larger.counted.grew();

  expect([small.isCut, large.isCut, larger.isCut]).toEqual([false, false, true]);
  expect(outputs.size).toBe(2);
});

test("a buffer that was sent in the meantime does not count", () => {
  const outputs = new Outputs(100);
  const [first, second] = [output(outputs), output(outputs)];
  first.size = 90;
  first.counted.grew();

  first.size = 0;
  second.size = 90;
  second.counted.grew();

  expect([first.isCut, second.isCut]).toEqual([false, false]);
});

test("a closed output does not count", () => {
  const outputs = new Outputs(100);
  const [first, second] = [output(outputs), output(outputs)];
  first.size = 90;
  first.counted.grew();

  first.counted.end();
  expect(outputs.size).toBe(1);
  second.size = 90;
  second.counted.grew();

  expect(second.isCut).toBe(false);
  expect(outputs.size).toBe(1);
});

test("an output that grows after it was closed does not count again, and is not cut", () => {
  const outputs = new Outputs(100);
  const [first, second] = [output(outputs), output(outputs)];
  first.counted.end();

  first.size = 1_000;
  first.counted.grew();
  second.size = 90;
  second.counted.grew();

  expect([first.isCut, second.isCut]).toEqual([false, false]);
  expect(outputs.size).toBe(1);
});

test("as much as the total may be buffered, and not more", () => {
  const outputs = new Outputs(100);
  const [first, second, third] = [output(outputs), output(outputs), output(outputs)];
  for (const one of [first, second]) {
    one.size = 50;
    one.counted.grew();
  }
  expect([first.isCut, second.isCut]).toEqual([false, false]);
  // What was sent since does not count, so this is again the total.
  first.size = 20;
  third.size = 30;
  third.counted.grew();
  expect([first, second, third].map(({ isCut }) => isCut)).toEqual([false, false, false]);
  // The largest one is enough.
  first.size = 70;
  first.counted.grew();

  expect([first, second, third].map(({ isCut }) => isCut)).toEqual([true, false, false]);
});

test("while there is room, a growing output does not cost a look at all others", () => {
  const outputs = new Outputs(100);
  const [first, second] = [output(outputs), output(outputs)];

  first.size = 10;
  for (let n = 0; n < 50; n++) first.counted.grew();

  expect([first.looks, second.looks]).toEqual([50, 0]);
});
