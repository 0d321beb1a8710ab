import { expect, expectTypeOf, test } from "vitest";
import { type SubmitOptions, toWireOptions, type WireSubmitOptions } from "./submit-options.js";

test("options are written to the wire with durations as ms, and unknown options are refused", () => {
  const options: SubmitOptions = { delay: "1.5s", startWithin: 5, tags: ["a"] };

  const wire = toWireOptions(options);

  expect(wire).toEqual({ delayMs: 1_500, startWithinMs: 5, tags: ["a"] });
  expect(wire.tags).not.toBe(options.tags);
  expect(() => toWireOptions({ ...options, owner: "ann" } as SubmitOptions)).toThrow('no submit option "owner"');
  expect(() => toWireOptions({ delay: -1 })).toThrow(expect.objectContaining({ code: "invalid_config" }));
});

test("the options on the wire have the types of the table", () => {
  expectTypeOf<WireSubmitOptions>().toEqualTypeOf<{
    priority?: "urgent" | "high" | "normal" | "low" | undefined;
    delayMs?: number | undefined;
    runAt?: Date | undefined;
    startWithinMs?: number | undefined;
    tags?: string[] | undefined;
    idempotencyKey?: string | undefined;
    uniqueKey?: string | undefined;
  }>();
});
