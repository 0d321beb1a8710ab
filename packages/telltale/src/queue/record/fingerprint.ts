import { createHash } from "node:crypto";

/** A digest of an encoded input, the same however its keys were ordered: tells a repeat from another input. */
export function fingerprint(encoded: string): string {
  return createHash("sha256")
    .update(JSON.stringify(sorted(JSON.parse(encoded))))
    .digest("base64url");
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, child]) => [key, sorted(child)]);
}
