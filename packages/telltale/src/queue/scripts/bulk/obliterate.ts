import { z } from "zod";
import { QUEUE_KEYS } from "../../redis/keys.js";
import { defineScript } from "../script.js";

/** Deletes a paused queue, a part at a time. */
export const obliterate = defineScript("obliterate", {
  args: ({ limit }: { limit: number }) => [limit, ...QUEUE_KEYS.map(([name]) => name)],
  reply: z.union([
    z.tuple([z.literal("obliterated"), z.number(), z.number()]),
    z.tuple([z.literal("running"), z.number()]),
    z.tuple([z.literal("not_paused")]),
  ]),
});
