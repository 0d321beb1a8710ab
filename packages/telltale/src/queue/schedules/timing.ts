import { z } from "zod";
import { LIMITS } from "../../core/index.js";
import { invalidInput } from "../../core/internal.js";
import type { WireSchedule } from "../../core/schemas.js";

/** When a schedule fires: at local times in a time zone, or at every multiple of a duration since 1970. */
export const Timing = z.union([
  z.object({ cron: z.string(), timeZone: z.string() }),
  z.object({ everyMs: z.int().min(LIMITS.minEveryMs) }),
]);
/** See the schema of the same name. */
export type Timing = z.infer<typeof Timing>;

/**
 * Returns the timing of a schedule, with single spaces in the cron expression. Throws `invalid_input` if the period is too short. The
 * cron expression and the time zone are validated in `instants.ts`.
 */
export function timingOf({ cron, timeZone = "UTC", everyMs }: WireSchedule): Timing {
  const timing = cron === undefined ? { everyMs } : { cron: cron.trim().replace(/[ \t]+/g, " "), timeZone };
  const parsed = Timing.safeParse(timing);
  if (!parsed.success) throw invalidInput("The timing of the schedule is invalid", parsed.error);
  return parsed.data;
}

/** Formats a timing as one line. Equal timings have the same text. */
export function timingText(timing: Timing): string {
  return "cron" in timing ? `${timing.cron} ${timing.timeZone}` : `every ${timing.everyMs}`;
}
