import type { ReplyParser } from "./script.js";

// Parsers for the replies of scripts that the lease thread runs. The thread does not use zod, which would triple its size.

/** Parses a list whose items `item` parses. */
export function listOf<R>(item: (value: unknown) => R): ReplyParser<R[]> {
  return {
    parse: (reply) => {
      if (!Array.isArray(reply)) throw unexpected(reply);
      return reply.map((value: unknown) => item(value));
    },
  };
}

/** Returns the value if it is one of these words. Throws otherwise. */
export function oneOf<const W extends string>(words: readonly W[], value: unknown): W {
  const found = words.find((word) => word === value);
  if (found === undefined) throw unexpected(value);
  return found;
}

/** Parses a non-negative whole number, given as a number or a string. Throws for anything else. */
export function wholeNumber(value: unknown): number {
  const text = typeof value === "number" ? String(value) : value;
  if (typeof text === "string" && /^\d+$/.test(text)) return Number(text);
  throw unexpected(value);
}

/** Returns the error for a reply that none of our scripts sends. */
export function unexpected(value: unknown): TypeError {
  return new TypeError(`Unexpected reply from a script: ${JSON.stringify(value)?.slice(0, 100)}`);
}
