import type { ReplyParser } from "./script.js";

// Parsers for the replies of scripts that the lease thread runs. The thread's program holds no zod, which would triple it.

/** A list of what `item` parses. */
export function listOf<R>(item: (value: unknown) => R): ReplyParser<R[]> {
  return {
    parse: (reply) => {
      if (!Array.isArray(reply)) throw unexpected(reply);
      return reply.map((value: unknown) => item(value));
    },
  };
}

/** One of these words. */
export function oneOf<const W extends string>(words: readonly W[], value: unknown): W {
  const found = words.find((word) => word === value);
  if (found === undefined) throw unexpected(value);
  return found;
}

/** A whole number from 0, as text or number. */
export function wholeNumber(value: unknown): number {
  const text = typeof value === "number" ? String(value) : value;
  if (typeof text === "string" && /^\d+$/.test(text)) return Number(text);
  throw unexpected(value);
}

/** What to throw for a reply that no script of ours gives. */
export function unexpected(value: unknown): TypeError {
  return new TypeError(`Unexpected reply of a script: ${JSON.stringify(value)?.slice(0, 100)}`);
}
