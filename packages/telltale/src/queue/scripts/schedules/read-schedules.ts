import { z } from "zod";
import { defineScript } from "../script.js";

const Instant = z.coerce.number().int();

const Stored = z
  .tuple([z.string(), Instant, z.string()])
  .transform(([name, nextMs, definition]) => ({ name, nextMs, definition }));

/** A stored schedule: its next time and its definition, still encoded. */
export type StoredSchedule = z.output<typeof Stored>;

/** Reads the schedules with these names. Without names, reads all, but without their definitions. */
export const readSchedules = defineScript("read-schedules", {
  args: ({ names }: { names: readonly string[] }, clock) => [clock, ...names],
  reply: z
    .tuple([z.literal("schedules"), z.number(), z.number()], Stored)
    .transform(([, now, total, ...schedules]) => ({ now, total, schedules })),
});
