import { z } from "zod";
import type { Retention } from "../../../core/index.js";
import { defineScript } from "../script.js";

/** Deletes finished jobs past their retention. */
export const prune = defineScript("prune", {
  args: ({ limit, completed, failed }: { limit: number; completed: Retention; failed: Retention }, clock) => [
    clock,
    limit,
    completed.ageMs,
    completed.count,
    failed.ageMs,
    failed.count,
  ],
  reply: z
    .tuple([z.literal("pruned"), z.number(), z.number()])
    .transform(([, pruned, more]) => ({ pruned, more: more === 1 })),
});
