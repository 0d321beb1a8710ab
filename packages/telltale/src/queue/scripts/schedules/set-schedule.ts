import { z } from "zod";
import { defineScript } from "../script.js";

/** Creates or replaces a schedule. */
export const setSchedule = defineScript("set-schedule", {
  args: ({ name, definition, nextMs, limit }: { name: string; definition: string; nextMs: number; limit: number }) => [
    name,
    definition,
    nextMs,
    limit,
  ],
  reply: z.union([z.tuple([z.literal("set"), z.number()]), z.tuple([z.literal("too_many")])]),
});
