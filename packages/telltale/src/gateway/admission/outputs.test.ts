import { expect, test } from "vitest";
import { type CountedOutput, Outputs } from "./outputs.js";

class TestOutput {
  size = 0;
  isCut = false;
  readonly counted: CountedOutput;

  constructor(outputs: Outputs) {
    const cut = (): void => {
      this.isCut = true;
    };
    this.counted = outputs.add({ bytes: () => this.size, cut });
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
  second.size = 90;
  second.counted.grew();

  expect(second.isCut).toBe(false);
  expect(outputs.size).toBe(1);
});
