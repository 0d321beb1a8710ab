import { z } from "zod";
import { defineScript } from "../script.js";

/** Cancels jobs that did not start within their `startWithin`. */
export const expire = defineScript("expire", {
  args: ({ limit, rememberMs }: { limit: number; rememberMs: number }, clock) => [clock, limit, rememberMs],
  reply: z
    .tuple([z.literal("expired"), z.number(), z.number(), z.array(z.string())])
    .transform(([, expired, more, ended]) => ({ expired, more: more === 1, ended })),
});
