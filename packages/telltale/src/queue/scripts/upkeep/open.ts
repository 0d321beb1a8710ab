import { z } from "zod";
import { KEY_TYPES, LAYOUT_VERSION } from "../../redis/keys.js";
import { defineScript } from "../script.js";

/** Checks a queue's keys, and checks, and on a new queue writes, the version of their layout. */
export const open = defineScript("open", {
  args: () => [LAYOUT_VERSION, ...KEY_TYPES],
  reply: z.union([
    z.tuple([z.literal("opened")]),
    z.tuple([z.literal("newer"), z.number()]),
    z.tuple([z.literal("damaged"), z.string(), z.string()]),
  ]),
});
