import { LIMITS } from "../contract/limits.js";
import { TelltaleError } from "../errors/error.js";

/** The most parts of a value: items, properties and keys at all depths. */
export const MAX_PARTS = 100_000;

/**
 * Throws `invalid_input` for a value that is nested deeper than 64 levels, has more than 100,000 parts, or has a key `__proto__`.
 * A shared part counts once for each reference to it, because a kilobyte of references can represent gigabytes. A cycle exceeds
 * the depth. Does not recurse.
 */
export function assertBounded(value: unknown): void {
  let level: object[] = [];
  let below: object[] = [];
  let parts = 0;
  const visit = (part: unknown): void => {
    if (++parts > MAX_PARTS)
      throw new TelltaleError("invalid_input", `The value has more than ${MAX_PARTS} items, properties and keys`);
    if (typeof part === "object" && part !== null) below.push(part);
  };

  visit(value);
  // superjson's envelope (`json`, `meta` and others) adds four levels around the caller's value.
  for (let depth = 0; below.length > 0; depth++) {
    if (depth > LIMITS.depth + 4)
      throw new TelltaleError("invalid_input", `The value is nested deeper than ${LIMITS.depth} levels`);
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
    // Object.assign would change the prototype of a copy.
    if (Object.hasOwn(holder, "__proto__"))
      throw new TelltaleError("invalid_input", "The value has a key __proto__, which is not allowed");
    // Twice as fast as Object.values for objects with many keys. Parsed objects inherit no enumerable properties.
    for (const key in holder) visit(Reflect.get(holder, key));
  }
}
