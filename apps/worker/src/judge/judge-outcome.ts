import { isDeepStrictEqual } from "node:util";
import type { Problem, ProblemTest } from "../problems/problem.js";
import { cleanMessage } from "./clean-message.js";
import type { Outcome } from "./protocol.js";
import type { Verdict } from "./verdict.js";

const SHOWN_MAX = 200;

/** The only information about a hidden test. The submission chooses the text of its own errors, which could be the input. */
const HIDDEN: Readonly<Record<Exclude<Verdict, "accepted">, string>> = {
  wrong_answer: "Wrong answer on a hidden test",
  runtime_error: "Runtime error on a hidden test",
  compile_error: "The program cannot be compiled",
  time_limit: "Took too long on a hidden test",
  memory_limit: "Needed too much memory on a hidden test",
};

/** Turns the outcome of a test into a verdict. Only this function sees both the answer and the expected answer. */
export function judgeOutcome(
  problem: Problem,
  test: ProblemTest,
  outcome: Outcome,
): { readonly verdict: Verdict; readonly message?: string } {
  if (outcome.kind === "answered" && isRight(problem, test, outcome.json)) return { verdict: "accepted" };
  if (test.hidden === true) {
    const verdict = outcome.kind === "failed" ? outcome.verdict : "wrong_answer";
    return { verdict, message: HIDDEN[verdict] };
  }
  if (outcome.kind === "failed") return { verdict: outcome.verdict, message: outcome.message };
  const got = outcome.kind === "answered" ? outcome.json : outcome.was;
  const message = `Expected ${shorten(JSON.stringify(test.expected))}, got ${shorten(got)}`;
  return { verdict: "wrong_answer", message: cleanMessage(message) };
}

function isRight({ compare }: Problem, { expected }: ProblemTest, json: string): boolean {
  const actual: unknown = JSON.parse(json);
  // Both comparisons stop at the first difference, so a very deep answer costs nothing.
  return compare ? compare(expected, actual) : isDeepStrictEqual(actual, expected);
}

function shorten(text: string): string {
  return text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text;
}
