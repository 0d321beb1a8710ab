import { z } from "zod";
import { defineScript } from "../script.js";

const Group = z
  .tuple([z.string(), z.number(), z.coerce.number(), z.coerce.number()])
  .transform(([kind, count, firstAt, lastAt]) => ({ kind, count, firstAt, lastAt }));

/** Counts the failed jobs with one error code by kind, a part of them at a time. */
export const failures = defineScript("failures", {
  args: ({ code, first, limit }: { code: string; first: number; limit: number }) => [code, first, limit],
  reply: z
    .tuple([z.literal("failures"), z.union([z.literal(0), z.literal(1)])], Group)
    .transform(([, more, ...groups]) => ({ groups, more: more === 1 })),
});
