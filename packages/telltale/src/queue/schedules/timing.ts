import { z } from "zod";
import { LIMITS } from "../../core/index.js";
import { invalidInput } from "../../core/internal.js";
import type { WireSchedule } from "../../core/schemas.js";

/** When a schedule fires: at local times in a time zone, or at every multiple of a duration since 1970. */
export const Timing = z.union([
  z.object({ cron: z.string(), timeZone: z.string() }),
  z.object({ everyMs: z.int().min(LIMITS.minEveryMs) }),
]);
/** See the schema. */
export type Timing = z.infer<typeof Timing>;

/** Returns the timing of a schedule, with single spaces in the cron expression. `instants.ts` checks if it is usable. */
export function timingOf({ cron, timeZone = "UTC", everyMs }: WireSchedule): Timing {
  const timing = cron === undefined ? { everyMs } : { cron: cron.trim().replace(/[ \t]+/g, " "), timeZone };
  const parsed = Timing.safeParse(timing);
  if (!parsed.success) throw invalidInput("The timing is not usable as given", parsed.error);
  return parsed.data;
}

/** Formats a timing on one line. Equal timings have equal texts. */
export function timingText(timing: Timing): string {
  return "cron" in timing ? `${timing.cron} ${timing.timeZone}` : `every ${timing.everyMs}`;
}
