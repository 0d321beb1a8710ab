import { z } from "zod";
import { defineScript } from "../script.js";

const Due = z
  .tuple([z.string(), z.coerce.number().int(), z.string()])
  .transform(([name, instantMs, definition]) => ({ name, instantMs, definition }));

/** A schedule and the instant it stands at. */
export type DueSchedule = z.output<typeof Due>;

/** Asks what is to be fired. */
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
      /** Redis time, ms. */
      now,
      due,
      more: more === 1,
      /** ms until the next one that is not due yet, or null. */
      nextInMs: nextInMs < 0 ? null : nextInMs,
    })),
});
