import { z } from "zod";
import { defineScript } from "../script.js";

/** Hands out nothing more of a queue. */
export const pause = defineScript("pause", { args: () => [], reply: z.tuple([z.literal("paused")]) });
