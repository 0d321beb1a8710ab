import { createHash } from "node:crypto";
import { z } from "zod";
import { PRIORITIES, TelltaleError } from "../../core/index.js";
import { CATCH_UPS } from "../../core/internal.js";
import { Timing, timingText } from "./timing.js";

const Definition = z.object({
  kind: z.string(),
  /** Encoded, as it was given. */
  input: z.string(),
  timing: Timing,
  catchUp: z.enum(CATCH_UPS),
  owner: z.string().nullable(),
  priority: z.enum(PRIORITIES),
  tags: z.array(z.string()),
});
/** What a schedule is, but for its name and where it stands. */
export type Definition = z.infer<typeof Definition>;

/**
 * A definition as it is stored: its timing and its revision on lines of their own for the scripts, the rest opaque to them.
 * The same definition under the same name has the same revision, whoever set it and when.
 */
export function toStored(name: string, definition: Definition): string {
  const json = JSON.stringify(definition);
  const revision = createHash("sha256").update(`${name}\n${json}`).digest("base64url").slice(0, 22);
  return `${timingText(definition.timing)}\n${revision}\n${json}`;
}

/** Throws `invalid_input` for text that is not a definition, and quotes nothing of it. */
export function fromStored(text: string): Definition {
  try {
    return Definition.parse(JSON.parse(text.split("\n", 3)[2] ?? ""));
  } catch {
    throw new TelltaleError("invalid_input", "The stored definition cannot be read");
  }
}

/** The revision in a stored definition. */
export function revisionOf(text: string): string {
  return text.split("\n", 2)[1] ?? "";
}
