import { z } from "zod";
import { defineScript } from "../script.js";

/** Queues due jobs. */
export const promote = defineScript("promote", {
  args: ({ limit }: { limit: number }, clock) => [clock, limit],
  reply: z
    .tuple([z.literal("promoted"), z.number(), z.number()])
    .transform(([, promoted, nextDueInMs]) => ({ promoted, nextDueInMs: nextDueInMs < 0 ? null : nextDueInMs })),
});
