/** How a submission, or one of its tests, ended. */
export type Verdict = "accepted" | "wrong_answer" | "runtime_error" | "time_limit" | "memory_limit" | "compile_error";

/** How one test ended. Judging stops at the first test that fails, so only the last one listed can have failed. */
export interface TestResult {
  readonly index: number;
  readonly verdict: Verdict;
  readonly ms: number;
  /**
   * At most 500 characters on one line, without control characters. The text comes from the submission, so escape it.
   */
  readonly message?: string;
  readonly hidden: boolean;
}

/** The result of a submission. The verdict is that of the first failing test, or `accepted`. */
export interface Judged {
  readonly verdict: Verdict;
  readonly passed: number;
  readonly total: number;
  readonly tests: TestResult[];
}
