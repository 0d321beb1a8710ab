import { readdirSync, readFileSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { createJudge } from "../src/judge/index.js";
import { problemCalled, run } from "./judging.js";

const folder = new URL("../../../examples/submissions/", import.meta.url);

const submissions = readdirSync(folder)
  .filter((file) => file.endsWith(".js"))
  .map((file) => {
    const source = readFileSync(new URL(file, folder), "utf8");
    const [, problem = "", expected = ""] = /^\/\/ problem: (\S+)\n\/\/ expect: (\S+)\n\/\/ \S/.exec(source) ?? [];
    return { file, source, problem, expected };
  });

const judge = createJudge();
afterAll(() => judge.close());

// Some take four seconds, mostly waiting, so they run concurrently.
test.concurrent.each(submissions)(
  "$file is judged $expected",
  async ({ source, problem, expected }) => {
    const asked = problemCalled(problem);
    // On a busy machine, a program can take seconds to fill its memory or to finish.
    const limits = expected === "time_limit" ? asked.limits : { memoryMb: 64, ...asked.limits, timeMs: 15_000 };
    const judged = await run(judge, { problem: limits ? { ...asked, limits } : asked, source });

    expect(judged.verdict).toBe(expected);
  },
  60_000,
);

test("every verdict has an example", () => {
  const verdicts = new Set(submissions.map(({ expected }) => expected));

  expect(verdicts).toEqual(
    new Set(["accepted", "compile_error", "memory_limit", "runtime_error", "time_limit", "wrong_answer"]),
  );
});
