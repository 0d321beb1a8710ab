import { z } from "zod";
import { LAYOUT_VERSION } from "../keys.js";
import { defineScript } from "../script.js";

/** Checks, and on a new queue writes, the version of the keys' layout. */
export const open = defineScript("open", {
  args: () => [LAYOUT_VERSION],
  reply: z.union([z.tuple([z.literal("opened")]), z.tuple([z.literal("newer"), z.number()])]),
});
