import { LIMITS } from "../contract/limits.js";
import { TelltaleError } from "../errors/error.js";

const MAX_NODES = 200_000;

/**
 * Throws `invalid_input` for a value nested deeper than 64 or of more than 200,000 parts, a part that is shared counted
 * every time it is met: a kilobyte of references can stand for a tree of gigabytes, and a cycle is endlessly deep. Does
 * not recurse. Answers the length of its longest list.
 */
export function assertBounded(value: unknown): number {
  let level: unknown[] = [value];
  let nodes = 0;
  let longest = 0;
  // Four levels belong to the envelope: `json`, `meta` and their like around the caller's value.
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > LIMITS.depth + 4)
      throw new TelltaleError("invalid_input", `A value is nested deeper than ${LIMITS.depth}`);
    const below: unknown[] = [];
    for (const node of level) {
      const children = childrenOf(node);
      longest = Math.max(longest, children.length);
      nodes += children.length;
      if (nodes > MAX_NODES) throw new TelltaleError("invalid_input", `A value has more than ${MAX_NODES} parts`);
      for (const child of children) if (typeof child === "object" && child !== null) below.push(child);
    }
    level = below;
  }
  return longest;
}

function childrenOf(node: unknown): unknown[] {
  if (typeof node !== "object" || node === null) return [];
  if (node instanceof Map) return [...node.keys(), ...node.values()];
  return node instanceof Set ? [...node] : Object.values(node);
}
