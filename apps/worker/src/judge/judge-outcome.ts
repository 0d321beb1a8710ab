import { isDeepStrictEqual } from "node:util";
import type { Problem, ProblemTest } from "../problems/problem.js";
import { cleanMessage } from "./clean-message.js";
import type { Outcome } from "./protocol.js";
import type { Verdict } from "./verdict.js";

const SHOWN_MAX = 200;

/** Turns the outcome of a test into a verdict. Only this function sees both the answer and the expected answer. */
export function judgeOutcome(
  problem: Problem,
  test: ProblemTest,
  outcome: Outcome,
): { readonly verdict: Verdict; readonly message?: string } {
  if (outcome.kind === "failed") return { verdict: outcome.verdict, message: outcome.message };
  if (outcome.kind === "answered" && isRight(problem, test, outcome.json)) return { verdict: "accepted" };
  if (test.hidden === true) return { verdict: "wrong_answer", message: "Wrong answer on a hidden test" };
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
