import { LIMITS } from "../contract/limits.js";
import type { Issue } from "../errors/invalid-input.js";
import { PRIORITIES } from "../job/job-handle.js";
import { KEY_PATTERN } from "../job/job-id.js";
import type { WireSubmitOptions } from "./wire.js";
import { isWithinReach } from "./within-reach.js";

/** The options of a submit as they come from a caller whose types nobody checked. */
type Unchecked = { readonly [O in keyof WireSubmitOptions]?: unknown };

/**
 * What is wrong with the options of a submit; an empty list if they can be sent. It finds what the schema
 * `WireSubmitOptions` finds, under the same codes. The client uses it because zod would be most of its bundle.
 */
export function checkSubmitOptions(options: Unchecked): Issue[] {
  const issues = Object.entries(CHECKS).flatMap(([name, check]) => {
    const value: unknown = Reflect.get(options, name);
    return value === undefined ? [] : check(value).map(({ path, code }) => ({ path: [name, ...path], code }));
  });
  return issues.length > 0 ? issues : checkTogether(options);
}

// One check for every option of the schema: a new option does not compile without it.
const CHECKS = {
  idempotencyKey: checkKey,
  uniqueKey: checkKey,
  delayMs: (value) => checkWhole(value, 0),
  runAt: (value) => (value instanceof Date && !Number.isNaN(value.getTime()) ? [] : [found("invalid_type")]),
  startWithinMs: (value) => checkWhole(value, 1),
  priority: (value) => (PRIORITIES.some((priority) => priority === value) ? [] : [found("invalid_value")]),
  tags: checkTags,
} as const satisfies Record<keyof WireSubmitOptions, (value: unknown) => Issue[]>;

function checkKey(value: unknown): Issue[] {
  if (typeof value !== "string") return [found("invalid_type")];
  return KEY_PATTERN.test(value) ? [] : [found("invalid_format")];
}

function checkWhole(value: unknown, least: number): Issue[] {
  if (typeof value !== "number" || !Number.isInteger(value)) return [found("invalid_type")];
  if (value < least) return [found("too_small")];
  return value > LIMITS.delayMs ? [found("too_big")] : [];
}

function checkTags(value: unknown): Issue[] {
  if (!Array.isArray(value)) return [found("invalid_type")];
  if (value.length > LIMITS.tags) return [found("too_big")];
  return Array.from(value, checkTag).flatMap((issues, i) => issues.map(({ code }) => ({ path: [i], code })));
}

function checkTag(value: unknown): Issue[] {
  const isTooLong = typeof value === "string" && value.length > LIMITS.tagLength;
  return isTooLong ? [...checkKey(value), found("too_big")] : checkKey(value);
}

function checkTogether({ delayMs, runAt }: Unchecked): Issue[] {
  const isTwice = delayMs !== undefined && runAt !== undefined;
  const isOutOfReach = runAt instanceof Date && !isWithinReach(runAt);
  return isTwice || isOutOfReach ? [found("custom")] : [];
}

function found(code: string): Issue {
  return { path: [], code };
}
