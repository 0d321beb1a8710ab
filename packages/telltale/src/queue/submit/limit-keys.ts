import { createHash } from "node:crypto";
import { type AnyJob, type KeyContext, LIMITS, TelltaleError } from "../../core/index.js";
import type { JobToStore } from "../record/job-to-store.js";

const PLAIN = /^[A-Za-z0-9._:@/-]+$/;

/**
 * Computes the limit keys of a job from its parsed input and its owner. Throws `invalid_config` if a key function throws or returns no
 * string.
 */
export function limitKeysOf(
  { kind, limits: { concurrency, rate } }: AnyJob,
  input: unknown,
  context: KeyContext,
): JobToStore["limitKeys"] {
  return {
    concurrency: concurrency && scope(kind, () => concurrency.key(input, context)),
    rate: rate && scope(kind, () => rate.key(input, context)),
  };
}

function scope(kind: string, compute: () => unknown): string {
  let key: unknown;
  try {
    key = compute();
  } catch (cause) {
    throw new TelltaleError("invalid_config", `Contract ${kind}: the key function of a limit threw an error`, {
      cause,
    });
  }
  if (typeof key !== "string")
    throw new TelltaleError("invalid_config", `Contract ${kind}: the key function of a limit must return a string`);
  // The key becomes part of names in Redis. Long keys and keys with other characters are hashed.
  const isPlain = key.length <= LIMITS.limitKeyLength && PLAIN.test(key);
  return `${kind}:${isPlain ? key : `#${createHash("sha256").update(key).digest("base64url")}`}`;
}
