import { z } from "zod";
import { LIMITS } from "../../core/index.js";
import { invalidInput } from "../../core/internal.js";
import type { WireSchedule } from "../../core/schemas.js";

/** When a schedule fires: by the clock on a wall in some zone, or at every whole multiple of a duration since 1970. */
export const Timing = z.union([
  z.object({ cron: z.string(), timeZone: z.string() }),
  z.object({ everyMs: z.int().min(LIMITS.minEveryMs) }),
]);
/** See the schema. */
export type Timing = z.infer<typeof Timing>;

/** The timing that options mean, spaces in a cron expression made single ones. Only `instants.ts` knows if it is usable. */
export function timingOf({ cron, timeZone = "UTC", everyMs }: WireSchedule): Timing {
  const timing = cron === undefined ? { everyMs } : { cron: cron.trim().replace(/[ \t]+/g, " "), timeZone };
  const parsed = Timing.safeParse(timing);
  if (!parsed.success) throw invalidInput("The timing is not usable as given", parsed.error);
  return parsed.data;
}

/** The same text for the same timing, on one line. */
export function timingText(timing: Timing): string {
  return "cron" in timing ? `${timing.cron} ${timing.timeZone}` : `every ${timing.everyMs}`;
}
