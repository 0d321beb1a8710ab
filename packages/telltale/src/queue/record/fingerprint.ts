import { createHash } from "node:crypto";
import { decode } from "../../core/internal.js";

/**
 * Returns a digest of an encoded input. It shows whether a submit with a known idempotency key has the same input as the first one.
 * Equal inputs have the same digest, whatever the order of their keys and of the entries of a Map or Set.
 */
export function fingerprint(encoded: string): string {
  return createHash("sha256")
    .update(canonical(decode(encoded)))
    .digest("base64url");
}

function canonical(value: unknown): string {
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "undefined";
  if (value instanceof Date) return `Date(${value.getTime()})`;
  if (value instanceof Map) return `Map(${inOrder([...value].map(canonical))})`;
  if (value instanceof Set) return `Set(${inOrder([...value].map(canonical))})`;
  if (Array.isArray(value)) return `[${value.map(canonical)}]`;
  return `{${inOrder(Object.entries(value).map(([key, part]) => `${JSON.stringify(key)}:${canonical(part)}`))}}`;
}

function inOrder(texts: readonly string[]): string {
  return texts.toSorted().join(",");
}
