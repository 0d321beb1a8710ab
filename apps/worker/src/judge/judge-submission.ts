import type { Problem } from "../problems/problem.js";
import { judgeOutcome } from "./judge-outcome.js";
import { SandboxSession } from "./sandbox-session.js";
import type { ThreadPool } from "./thread-pool.js";
import type { Judged, TestResult, Verdict } from "./verdict.js";

/** A submission to judge, with callbacks for its progress and output. */
export interface JudgeRunOptions {
  readonly problem: Problem;
  /** JavaScript that defines `solve(input)`. */
  readonly source: string;
  /** Called after each test. */
  readonly onProgress: (progress: { readonly passed: number; readonly total: number }) => void;
  /**
   * Called in order with the text that the submission prints, while it runs. At most 64 KB per test. What it prints in a hidden
   * test is dropped, because it could be the input.
   */
  readonly onOutput: (text: string) => void;
  /** Aborts the run at once, which then rejects with the signal's reason. */
  readonly signal: AbortSignal;
}

const TIME_MS = 2_000;
const MEMORY_MB = 64;

/** Runs the tests in order and stops at the first one that fails. */
export async function judgeSubmission(
  pool: ThreadPool,
  { problem, source, onProgress, onOutput, signal }: JudgeRunOptions,
): Promise<Judged> {
  const { timeMs = TIME_MS, memoryMb = MEMORY_MB } = problem.limits ?? {};
  const total = problem.tests.length;
  const results: TestResult[] = [];
  let verdict: Verdict = "accepted";
  let passed = 0;

  let isHidden = false;
  const onPrinted = (text: string): void => {
    if (!isHidden) onOutput(text);
  };
  await using session = await SandboxSession.open({ pool, onPrinted, signal });
  for (const [index, test] of problem.tests.entries()) {
    isHidden = test.hidden === true;
    const { outcome, ms } = await session.run({ source, input: JSON.stringify(test.input), timeMs, memoryMb });
    const judged = judgeOutcome(problem, test, outcome);
    results.push({ index, ...judged, ms, hidden: isHidden });
    verdict = judged.verdict;
    if (verdict === "accepted") passed += 1;
    onProgress({ passed, total });
    if (verdict !== "accepted") break;
  }
  return { verdict, passed, total, tests: results };
}
