import { createHash } from "node:crypto";
import { z } from "zod";
import { PRIORITIES, TelltaleError } from "../../core/index.js";
import { CATCH_UPS } from "../../core/internal.js";
import { Timing, timingText } from "./timing.js";

const Definition = z.object({
  kind: z.string(),
  /** Encoded, as it was passed to `set`. */
  input: z.string(),
  timing: Timing,
  catchUp: z.enum(CATCH_UPS),
  owner: z.string().nullable(),
  priority: z.enum(PRIORITIES),
  tags: z.array(z.string()),
  /** Where the schedule was before, if it was moved; see `MovedSchedule`. */
  movedFrom: z.array(z.object({ queue: z.string(), revision: z.string() })).optional(),
});
/** Everything about a schedule except its name and its next time. */
export type Definition = z.infer<typeof Definition>;

/**
 * Formats a definition for Redis. The first line is the timing and the second the revision, both of which the scripts read. The third
 * is the definition as JSON. Equal definitions with the same name have the same revision.
 */
export function toStored(name: string, definition: Definition): string {
  const json = JSON.stringify(definition);
  const revision = createHash("sha256").update(`${name}\n${json}`).digest("base64url").slice(0, 22);
  return `${timingText(definition.timing)}\n${revision}\n${json}`;
}

/** Parses a stored definition. Throws `invalid_input` if it is malformed. The error does not quote it. */
export function fromStored(text: string): Definition {
  try {
    return Definition.parse(JSON.parse(text.split("\n", 3)[2] ?? ""));
  } catch {
    throw new TelltaleError(
      "invalid_input",
      "The stored definition of the schedule is malformed. Set the schedule again",
    );
  }
}

/** Whether two stored definitions have the same timing. */
export function hasSameTiming(a: string, b: string): boolean {
  return a.split("\n", 1)[0] === b.split("\n", 1)[0];
}

/** Returns the revision of a stored definition. */
export function revisionOf(text: string): string {
  return text.split("\n", 2)[1] ?? "";
}
