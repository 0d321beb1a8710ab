import { IS_FULL, sampleOf } from "@telltale/testkit";
import { expect } from "vitest";
import { test as base, type Harness, harness } from "../harness.js";
import { holdToModel } from "../model-programs.js";
import { CHECKS } from "./checks.js";
import { MUTANTS } from "./list.js";
import type { Mutant } from "./mutant.js";
import { FILES, occurrences, planted, type ScriptTexts, sound } from "./scripts.js";
import { type Subject, subjectOf } from "./subject.js";

// A fixed seed, so that a fault is found always or never.
const MODEL = { runs: 400, seed: 20_260_101, endOnFailure: true };

const test = base.extend<{ shared: Harness }>({
  shared: [
    async ({ server }, use) => {
      await using h = await harness(server.url);
      await use(h);
    },
    { scope: "file" },
  ],
});

// All programs of the model.
const whole = { timeout: 60_000 };

test.for(["queue", "limits"] as const)("scripts without a fault pass the model's: %s", whole, (of, { shared }) => {
  return holdToModel(subjectOf(shared, sound), { of, ...MODEL, runs: IS_FULL ? MODEL.runs : 60 });
});

test.for(Object.entries(CHECKS))("scripts without a fault pass: %s", async ([, check], { shared }) => {
  await check(await fresh(shared, sound));
});

const named = sampleOf(MUTANTS, 24).map((mutant) => [`${mutant.name} (${mutant.guarantee})`, mutant] as const);

test.for(named)("a fault is noticed: %s", whole, async ([, mutant], { shared }) => {
  expect(occurrences(mutant), `${mutant.file}.lua holds this text once: ${mutant.find}`).toBe(1);
  const subject = await fresh(shared, planted(mutant));

  const noticed = await check(subject, mutant).then(
    () => false,
    () => true,
  );

  expect(noticed, `${mutant.killedBy} does not notice it`).toBe(true);
  expect(subject.crashes).toEqual([]);
});

test("every script has a fault, every check notices a fault, and no fault is listed twice", () => {
  expect(new Set(MUTANTS.map(({ file }) => file))).toEqual(new Set(FILES));
  expect(new Set(MUTANTS.map(({ killedBy }) => killedBy))).toEqual(
    new Set(["model", "model of limits", ...Object.keys(CHECKS)]),
  );
  expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length);
  expect(MUTANTS.filter(({ find, replace }) => find === replace)).toEqual([]);
});

function check(subject: Subject, { killedBy }: Mutant): Promise<void> {
  if (killedBy === "model") return holdToModel(subject, { of: "queue", ...MODEL });
  if (killedBy === "model of limits") return holdToModel(subject, { of: "limits", ...MODEL });
  return CHECKS[killedBy](subject);
}

async function fresh(shared: Harness, texts: ScriptTexts): Promise<Subject> {
  await shared.redis.flushall();
  return subjectOf(shared, texts);
}
