import { z } from "zod";
import { defineScript } from "../script.js";

const Due = z
  .tuple([z.string(), z.coerce.number().int(), z.string()])
  .transform(([name, instantMs, definition]) => ({ name, instantMs, definition }));

/** A due schedule and its time. */
export type DueSchedule = z.output<typeof Due>;

/** Reads the due schedules. */
export const dueSchedules = defineScript("due-schedules", {
  args: ({ limit, maxBytes, refused }: { limit: number; maxBytes: number; refused: readonly string[] }, clock) => [
    clock,
    limit,
    maxBytes,
    ...refused,
  ],
  reply: z
    .tuple([z.literal("due"), z.number(), z.number(), z.number()], Due)
    .transform(([, now, more, nextInMs, ...due]) => ({
      /** Redis's time, ms since 1970. */
      now,
      due,
      more: more === 1,
      /** The time until the next schedule is due, ms, or null. */
      nextInMs: nextInMs < 0 ? null : nextInMs,
    })),
});
