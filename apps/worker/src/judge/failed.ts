import { cleanMessage } from "./clean-message.js";
import type { Outcome } from "./protocol.js";

type Failed = Extract<Outcome, { kind: "failed" }>;

/** The outcome of a program that gave no answer. */
export function failed(verdict: Failed["verdict"], message: string): Failed {
  return { kind: "failed", verdict, message: cleanMessage(message) };
}
