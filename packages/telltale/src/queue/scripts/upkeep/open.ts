import { z } from "zod";
import { LAYOUT_VERSION, QUEUE_KEYS } from "../../redis/keys.js";
import { defineScript } from "../script.js";

/** Checks the types of a queue's keys and the version of their layout. Writes the version in a new queue. */
export const open = defineScript("open", {
  args: () => [LAYOUT_VERSION, ...QUEUE_KEYS.map(([name, type]) => `${name} ${type}`)],
  reply: z.union([
    z.tuple([z.literal("opened")]),
    z.tuple([z.enum(["newer", "older"]), z.number()]),
    z.tuple([z.literal("damaged"), z.string(), z.string()]),
  ]),
});
