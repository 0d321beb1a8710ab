import type { Verdict } from "./verdict.js";

/** One test, as a thread sees it. The expected output is not here: it never leaves the judge's own thread. */
export interface TestRequest {
  readonly source: string;
  /** The input as JSON text. */
  readonly input: string;
  readonly timeMs: number;
  readonly memoryMb: number;
}

/** What came of calling `solve`: an answer as JSON text, something that is no answer, or a failure. */
export type Outcome =
  | { readonly kind: "answered"; readonly json: string }
  | { readonly kind: "unanswered"; readonly was: string }
  | {
      readonly kind: "failed";
      readonly verdict: Exclude<Verdict, "accepted" | "wrong_answer">;
      readonly message: string;
    };

/** The end of one test. A spoiled thread is one nobody should run in again. */
export interface Ended {
  readonly outcome: Outcome;
  readonly ms: number;
  readonly isThreadSpoiled: boolean;
}

/** What a thread says first to whoever gets it. */
export interface TakenReport {
  readonly threadId: number;
}

/** What a thread reports of a test: `started` starts the parent's clock, `ended` stops it, and text arrives in between. */
export type ThreadReport =
  | { readonly type: "started" }
  | { readonly type: "printed"; readonly text: string }
  | ({ readonly type: "ended" } & Ended);
