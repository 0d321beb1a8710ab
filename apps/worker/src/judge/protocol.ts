import type { Verdict } from "./verdict.js";

/** One test, as sent to a thread. The expected output is not included: it never leaves the main thread. */
export interface TestRequest {
  readonly source: string;
  /** The input as JSON text. */
  readonly input: string;
  readonly timeMs: number;
  readonly memoryMb: number;
}

/** The result of calling `solve`: an answer as JSON text, a value that cannot be an answer, or a failure. */
export type Outcome =
  | { readonly kind: "answered"; readonly json: string }
  | { readonly kind: "unanswered"; readonly was: string }
  | {
      readonly kind: "failed";
      readonly verdict: Exclude<Verdict, "accepted" | "wrong_answer">;
      readonly message: string;
    };

/** The end of one test. A spoiled thread must not run another test. */
export interface Ended {
  readonly outcome: Outcome;
  readonly ms: number;
  readonly isThreadSpoiled: boolean;
}

/** The first message of a thread that was taken from the pool. */
export interface TakenReport {
  readonly threadId: number;
}

/**
 * What a thread reports during a test. `started` starts the parent's clock, `ended` stops it; text comes in between.
 */
export type ThreadReport =
  | { readonly type: "started" }
  | { readonly type: "printed"; readonly text: string }
  | ({ readonly type: "ended" } & Ended);
