/** How a submission, or one of its tests, ended. */
export type Verdict = "accepted" | "wrong_answer" | "runtime_error" | "time_limit" | "memory_limit" | "compile_error";

/** How one test ended. Only tests that ran are listed, so the last one is the first that failed. */
export interface TestResult {
  readonly index: number;
  readonly verdict: Verdict;
  readonly ms: number;
  /** At most 500 characters on one line, without control characters. The text itself is the submission's: escape it. */
  readonly message?: string;
  readonly hidden: boolean;
}

/** What the judge says of a submission: the verdict is that of its first failing test. */
export interface Judged {
  readonly verdict: Verdict;
  readonly passed: number;
  readonly total: number;
  readonly tests: TestResult[];
}
