import { z } from "zod";
import { MaybeText, Whole } from "../reply-fields.js";
import { defineScript } from "../script.js";

/** Asks some of the workers of one name to stop claiming. */
export const drainWorkers = defineScript("drain-workers", {
  args: ({ name, limit, after }: Readonly<{ name: string; limit: number; after: string | null }>, clock) => [
    clock,
    name,
    limit,
    after ?? "",
  ],
  reply: z.tuple([z.literal("asked"), Whole, MaybeText]).transform(([, asked, next]) => ({ asked, next })),
});
