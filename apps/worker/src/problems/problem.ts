/** One input and the answer that `solve` must return for it. */
export interface ProblemTest {
  readonly input: unknown;
  readonly expected: unknown;
  /** Neither the input nor the expected output of a hidden test is shown: not in messages, and nothing is printed. */
  readonly hidden?: boolean;
}

/** A problem and its tests. Inputs and expected outputs are plain JSON. */
export interface Problem {
  readonly id: string;
  readonly title: string;
  readonly statement: string;
  readonly example: { readonly input: unknown; readonly output: unknown };
  /** The limits of each test. @default 2,000 ms and 64 MB */
  readonly limits?: { readonly timeMs: number; readonly memoryMb: number };
  readonly tests: readonly ProblemTest[];
  /** Whether an answer is right, if several are. The answer is parsed JSON of any shape. @default deep equality */
  readonly compare?: (expected: unknown, actual: unknown) => boolean;
}
