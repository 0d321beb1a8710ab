import fc from "fast-check";
import { expect, test } from "vitest";
import { LIMITS } from "../contract/limits.js";
import { checkSubmitOptions } from "./check-submit-options.js";
import { WireSubmitOptions } from "./option-schemas.js";

const wrong = fc.oneof(
  fc.constantFrom("", "*", "k".repeat(65), "k".repeat(129), "*".repeat(65), "😀", "a\n", "Urgent"),
  fc.constantFrom(-1, -0, 0, 0.5, LIMITS.delayMs + 1, 2 ** 53, -(2 ** 60), Number.NaN, 1 / 0, 5n),
  fc.constantFrom(new Date(-1), new Date(10_000_000_000_000), new Date(Number.NaN)),
  fc.array(fc.anything(), { maxLength: 10 }),
  fc.anything(),
);
const mostly = (right: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 9, arbitrary: right }, { weight: 1, arbitrary: wrong });
const key = fc.stringMatching(/^[A-Za-z0-9._:-]{1,64}$/);
const options = fc.record(
  {
    idempotencyKey: mostly(key),
    uniqueKey: mostly(key),
    delayMs: mostly(fc.integer({ min: 0, max: LIMITS.delayMs })),
    runAt: mostly(fc.date({ min: new Date(0), max: new Date(9_999_999_999_999) })),
    startWithinMs: mostly(fc.integer({ min: 1, max: LIMITS.delayMs })),
    priority: mostly(fc.constantFrom("urgent", "high", "normal", "low")),
    tags: mostly(fc.array(mostly(key), { maxLength: 8 })),
  } satisfies Record<keyof WireSubmitOptions, unknown>,
  { requiredKeys: [] },
);
const withUnknown = fc.tuple(
  options,
  fc.oneof({ weight: 9, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: fc.constant({ delays: 1, kind: "x" }) }),
);

test("the client refuses the same submit options as the server, for the same reasons", () => {
  let refused = 0;
  let accepted = 0;

  fc.assert(
    fc.property(withUnknown, ([known, unknown]) => {
      const given = { ...known, ...unknown };
      const found = checkSubmitOptions(given);
      const parsed = WireSubmitOptions.safeParse(given);

      expect(found.length === 0).toBe(parsed.success);
      expect(namedBy(found)).toEqual(namedBy(parsed.error?.issues ?? []));
      // zod reports all issues of an option, the client only the first.
      expect(reasons(parsed.error?.issues ?? [])).toEqual(expect.arrayContaining(reasons(found)));
      if (parsed.success) accepted++;
      else refused++;
    }),
    { numRuns: 1_000 },
  );

  expect(refused).toBeGreaterThan(100);
  expect(accepted).toBeGreaterThan(30);
});

type Issues = readonly {
  readonly path: readonly PropertyKey[];
  readonly code: string;
  readonly keys?: readonly string[];
}[];

function namedBy(issues: Issues): string[] {
  return [...new Set(issues.flatMap(({ path, keys = [] }) => [...path.slice(0, 1).map(String), ...keys]))].sort();
}

function reasons(issues: Issues): string[] {
  return issues.map(({ path, code }) => `${path.map(String).join(".")}: ${code}`);
}
