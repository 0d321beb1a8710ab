import { TelltaleError } from "../errors/error.js";
import { assertBounded } from "./bounded.js";
import { parsePath } from "./path.js";

const MAX_REFERENCES = 10_000;
// To find an item of a Map or Set, it is iterated from its start.
const MAX_STEPS = 1_000_000;
const MISSING_PART = "A reference in the payload points to a part that does not exist";

/**
 * Replaces references by the parts that they refer to. superjson with `dedupe` writes null for an object that it has written
 * before. Parts that are not null stay as they are, so two references to one object can become two equal objects. Throws
 * `invalid_input` for cycles, and if resolving the references would take too many steps or make the value too large.
 */
export function applyReferences(value: unknown, equalities: unknown, escapesBackslash: boolean): unknown {
  // A list contains references to the whole value, which are cycles.
  if (typeof equalities !== "object" || equalities === null || Array.isArray(equalities)) {
    throw refused("The value contains itself, which is not allowed");
  }
  const budget = { references: MAX_REFERENCES, steps: MAX_STEPS };
  for (const [path, others] of Object.entries(equalities)) {
    if (!Array.isArray(others)) throw refused("The payload's references are malformed");
    budget.references -= others.length + 1;
    if (budget.references < 0) throw refused("The payload has too many references");
    const from = partAt(value, parsePath(path, escapesBackslash), budget);
    for (const other of others) {
      if (typeof other !== "string") throw refused("The payload's references are malformed");
      fill(value, parsePath(other, escapesBackslash), from, budget);
    }
  }
  // Code that traverses the value later, such as zod and JSON.stringify, follows every reference.
  assertBounded(value);
  return value;
}

interface Budget {
  references: number;
  steps: number;
}

function partAt(value: unknown, path: readonly string[], budget: Budget): unknown {
  let at = value;
  for (let i = 0; i < path.length; i++) {
    const key = path[i] ?? "";
    if (at instanceof Set) at = nth(at, key, budget);
    else if (at instanceof Map) {
      const row = nth(at.keys(), key, budget);
      at = path[++i] === "0" ? row : at.get(row);
    } else if (typeof at === "object" && at !== null && Object.hasOwn(at, key)) at = Reflect.get(at, key);
    else throw refused(MISSING_PART);
  }
  return at;
}

function fill(value: unknown, path: readonly string[], from: unknown, budget: Budget): void {
  if (partAt(value, path, budget) !== null) return;
  const last = path.at(-1) ?? "";
  const holder = partAt(value, path.slice(0, -1), budget);
  if (holder instanceof Set) {
    holder.delete(null);
    holder.add(from);
  } else if (Array.isArray(holder) || (typeof holder === "object" && holder !== null && !(holder instanceof Map))) {
    Reflect.set(holder, last, from);
  } else {
    // The last two segments of a path into a Map are the number of the entry, and 0 for its key or 1 for its value.
    const map = partAt(value, path.slice(0, -2), budget);
    if (!(map instanceof Map)) throw refused(MISSING_PART);
    const key = nth(map.keys(), path.at(-2) ?? "", budget);
    if (last === "0") {
      map.set(from, map.get(key));
      map.delete(key);
    } else map.set(key, from);
  }
}

function nth(parts: Iterable<unknown>, index: string, budget: Budget): unknown {
  let left = Number(index);
  for (const part of parts) {
    if (--budget.steps < 0) throw refused("The payload has too many references into a Map or Set");
    if (left-- === 0) return part;
  }
  throw refused(MISSING_PART);
}

function refused(message: string): TelltaleError {
  return new TelltaleError("invalid_input", message);
}
