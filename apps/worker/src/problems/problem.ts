/** One input and what `solve` must answer to it. */
export interface ProblemTest {
  readonly input: unknown;
  readonly expected: unknown;
  /** A hidden test's expected output is in no message. What a submission prints of its input is its own affair. */
  readonly hidden?: boolean;
}

/** Something to solve, with the tests that decide whether it is. Inputs and expected outputs are plain JSON. */
export interface Problem {
  readonly id: string;
  readonly title: string;
  readonly statement: string;
  readonly example: { readonly input: unknown; readonly output: unknown };
  /** Of each test. @default 2,000 ms and 64 MB */
  readonly limits?: { readonly timeMs: number; readonly memoryMb: number };
  readonly tests: readonly ProblemTest[];
  /** Whether an answer is right where more than one is. The answer is parsed JSON of any shape. @default deep equality */
  readonly compare?: (expected: unknown, actual: unknown) => boolean;
}
