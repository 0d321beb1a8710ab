import { LIMITS } from "../contract/limits.js";
import { TelltaleError } from "../errors/error.js";

/** The most parts of a value: items, properties, keys, at any depth. */
export const MAX_PARTS = 100_000;

/**
 * Throws `invalid_input` for a value nested deeper than 64, of more than 100,000 parts, or with a key `__proto__`. A part
 * that is shared counts each time it is met, because a kilobyte of references can stand for a tree of gigabytes; a cycle is
 * too deep. Does not recurse.
 */
export function assertBounded(value: unknown): void {
  let level: object[] = [];
  let below: object[] = [];
  let parts = 0;
  const visit = (part: unknown): void => {
    if (++parts > MAX_PARTS) throw new TelltaleError("invalid_input", `A value has more than ${MAX_PARTS} parts`);
    if (typeof part === "object" && part !== null) below.push(part);
  };

  visit(value);
  // Four levels belong to superjson's envelope: `json`, `meta` and others around the caller's value.
  for (let depth = 0; below.length > 0; depth++) {
    if (depth > LIMITS.depth + 4)
      throw new TelltaleError("invalid_input", `A value is nested deeper than ${LIMITS.depth}`);
    [level, below] = [below, []];
    for (const part of level) visitParts(part, visit);
  }
}

function visitParts(holder: object, visit: (part: unknown) => void): void {
  if (Array.isArray(holder) || holder instanceof Set) {
    for (const part of holder) visit(part);
  } else if (holder instanceof Map) {
    for (const [key, part] of holder) {
      visit(key);
      visit(part);
    }
  } else {
    // Copying it with Object.assign would change the prototype of the copy.
    if (Object.hasOwn(holder, "__proto__")) throw new TelltaleError("invalid_input", "A value has a key __proto__");
    // Twice as fast as Object.values for objects with many keys; what was parsed inherits no enumerable properties.
    for (const key in holder) visit(Reflect.get(holder, key));
  }
}
