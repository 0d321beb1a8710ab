import { KIND_PATTERN } from "../job/job-id.js";

/** Names that clients made from contracts have already, or that JavaScript asks every object for. */
const TAKEN: ReadonlySet<string> = new Set([
  ...Object.getOwnPropertyNames(Object.prototype),
  ...Object.getOwnPropertyNames(Function.prototype),
  ...["then", "catch", "finally", "toJSON", "close", "prototype", "query", "mutate", "subscribe", "submitPrepared"],
]);

/** Whether a text has the form of a kind and is not the name of something else that clients have. */
export function isKind(name: string): boolean {
  return KIND_PATTERN.test(name) && !TAKEN.has(name);
}
