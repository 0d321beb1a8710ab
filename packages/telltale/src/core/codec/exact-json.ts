import { TelltaleError } from "../errors/error.js";

// What JSON has a word for, and what it takes out of its box. Of anything else superjson has made one of these before, or
// JSON would drop it, or leave `{}` or `null` of it.
const KEPT = new Set(
  ["Object", "Array", "String", "Number", "Boolean", "Null", "Undefined"].map((tag) => `[object ${tag}]`),
);

/**
 * superjson's output as text. Throws `invalid_input` where the text would not say what the value is: a function, a symbol,
 * a promise nobody awaited, a Date that is none. Otherwise whoever reads it would find less than was written, in silence.
 */
export function exactJson(wire: unknown): string {
  return JSON.stringify(wire, function (this: Readonly<Record<string, unknown>>, key, value: unknown) {
    // A Date has been through its toJSON by now: one that superjson left is none, or stands where nobody would look for it.
    const tag = Object.prototype.toString.call(this[key] instanceof Date ? this[key] : value);
    if (!KEPT.has(tag) || (typeof value === "number" && !Number.isFinite(value))) {
      throw new TelltaleError("invalid_input", `The value holds ${tag.slice(0, 64)}, which cannot be stored`);
    }
    return value;
  });
}
