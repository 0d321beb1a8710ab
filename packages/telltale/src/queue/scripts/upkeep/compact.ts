import { z } from "zod";
import { defineScript } from "../script.js";

/** Removes the ids of cancelled jobs from the waiting lists, a part of them at a time. */
export const compact = defineScript("compact", {
  args: ({ limit }: { limit: number }) => [limit],
  reply: z
    .tuple([z.literal("compacted"), z.number(), z.number()])
    .transform(([, removed, more]) => ({ removed, more: more === 1 })),
});
