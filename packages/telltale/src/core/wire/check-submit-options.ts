import { LIMITS } from "../contract/limits.js";
import type { Issue } from "../errors/invalid-input.js";
import { KEY_PATTERN } from "../job/job-id.js";
import { type SubmitOption, submitOptions, type WireSubmitOptions, wireNameOf } from "../job/submit-options.js";
import { isWithinReach } from "./within-reach.js";

/** Rules of a submit's options that a schema of a single option cannot express. */
export const OPTION_RULES: readonly { readonly rule: string; holds(options: WireSubmitOptions): boolean }[] = [
  {
    rule: "Set either delayMs or runAt, not both",
    holds: ({ delayMs, runAt }) => delayMs === undefined || runAt === undefined,
  },
  { rule: "runAt is out of range", holds: ({ runAt }) => runAt === undefined || isWithinReach(runAt) },
];

/** The options of a submit from a caller whose types were not checked. */
type Unchecked = { readonly [O in keyof WireSubmitOptions]?: unknown };

const WIRE_NAMES: ReadonlySet<string> = new Set(submitOptions().map(([name]) => wireNameOf(name)));

/**
 * Returns the first issue of each option of a submit, or an empty list if the options are valid. It finds the same issues as the
 * schema `WireSubmitOptions`, with the same codes. The client uses it because zod would be most of its bundle.
 */
export function checkSubmitOptions(options: Unchecked): Issue[] {
  const issues: Issue[] = [];
  const unknown = Object.keys(options).filter((name) => !WIRE_NAMES.has(name));
  if (unknown.length > 0) issues.push({ path: [], code: "unrecognized_keys", keys: unknown });
  for (const [name, option] of submitOptions()) {
    const wireName = wireNameOf(name);
    const value = options[wireName];
    const found = value === undefined ? null : issueOf(option, value);
    if (found) issues.push({ ...found, path: [wireName, ...found.path] });
  }
  if (issues.length > 0) return issues;
  // The checks above have found that each option has its type.
  const checked = options as WireSubmitOptions;
  return OPTION_RULES.filter(({ holds }) => !holds(checked)).map(() => ({ path: [], code: "custom" }));
}

function issueOf(option: SubmitOption, value: unknown): Issue | null {
  switch (option.is) {
    case "key":
      return keyIssue(value);
    case "duration":
      if (!Number.isInteger(value)) return { path: [], code: "invalid_type" };
      if (Number(value) < option.minMs) return { path: [], code: "too_small" };
      return Number(value) > LIMITS.delayMs ? { path: [], code: "too_big" } : null;
    case "date":
      return value instanceof Date && !Number.isNaN(value.getTime()) ? null : { path: [], code: "invalid_type" };
    case "word":
      return option.words.some((word) => word === value) ? null : { path: [], code: "invalid_value" };
    case "tags":
      return tagsIssue(value);
  }
}

function tagsIssue(tags: unknown): Issue | null {
  if (!Array.isArray(tags)) return { path: [], code: "invalid_type" };
  if (tags.length > LIMITS.tags) return { path: [], code: "too_big" };
  for (const [at, tag] of tags.entries()) {
    const found = keyIssue(tag) ?? (String(tag).length > LIMITS.tagLength ? { path: [], code: "too_big" } : null);
    if (found) return { ...found, path: [at] };
  }
  return null;
}

function keyIssue(key: unknown): Issue | null {
  if (typeof key !== "string") return { path: [], code: "invalid_type" };
  return KEY_PATTERN.test(key) ? null : { path: [], code: "invalid_format" };
}
