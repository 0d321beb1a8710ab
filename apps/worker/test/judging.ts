import { onTestFinished } from "vitest";
import { createJudge, type Judge, type Judged, type JudgeOptions, type JudgeRunOptions } from "../src/judge/index.js";
import { type Problem, problems } from "../src/problems/index.js";

/** A judge that is closed when the test ends. */
export function judgeForTest(options?: JudgeOptions): Judge {
  const judge = createJudge(options);
  onTestFinished(() => judge.close());
  return judge;
}

export function problemCalled(id: string): Problem {
  const problem = problems.get(id);
  if (!problem) throw new Error(`Unknown problem: ${id}`);
  return problem;
}

/** Judges a solution of `sum` without callbacks, unless `options` says otherwise. */
export function run(judge: Judge, options: Partial<JudgeRunOptions> & { readonly source: string }): Promise<Judged> {
  const quiet = { onProgress: () => {}, onOutput: () => {}, signal: new AbortController().signal };
  return judge.run({ problem: problemCalled("sum"), ...quiet, ...options });
}
