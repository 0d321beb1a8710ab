import { KIND_PATTERN } from "../job/job-id.js";

/** Names that cannot be kinds: properties that clients have, or that JavaScript looks up on every object. */
const TAKEN: ReadonlySet<string> = new Set([
  ...Object.getOwnPropertyNames(Object.prototype),
  ...Object.getOwnPropertyNames(Function.prototype),
  ...["then", "catch", "finally", "toJSON", "close", "prototype", "query", "mutate", "subscribe", "submitPrepared"],
]);

/** Whether a name has the form of a kind and does not collide with another property of clients. */
export function isKind(name: string): boolean {
  return KIND_PATTERN.test(name) && !TAKEN.has(name);
}
