import { TelltaleError } from "./error.js";
import { LIMITS } from "./limits.js";

const MAX_NODES = 200_000;

/** Throws `invalid_input` for a parsed value nested deeper than 64 or of more than 200,000 nodes. Does not recurse. */
export function assertBounded(value: unknown): void {
  let level: unknown[] = [value];
  let nodes = 0;
  // Four levels belong to the envelope: `json`, `meta` and their like around the caller's value.
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > LIMITS.depth + 4)
      throw new TelltaleError("invalid_input", `A value is nested deeper than ${LIMITS.depth}`);
    const below: unknown[] = [];
    for (const node of level) {
      if (typeof node !== "object" || node === null) continue;
      for (const child of Object.values(node)) below.push(child);
    }
    nodes += below.length;
    if (nodes > MAX_NODES) throw new TelltaleError("invalid_input", `A value has more than ${MAX_NODES} parts`);
    level = below;
  }
}
