import { z } from "zod";
import { defineScript } from "../script.js";

/** Deletes a schedule. */
export const removeSchedule = defineScript("remove-schedule", {
  args: ({ name }: { name: string }) => [name],
  reply: z
    .union([z.tuple([z.literal("removed"), z.coerce.number()]), z.tuple([z.literal("none")])])
    .transform(([, nextMs]) => nextMs ?? null),
});
