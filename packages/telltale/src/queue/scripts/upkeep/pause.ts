import { z } from "zod";
import { defineScript } from "../script.js";

/** Pauses a queue. */
export const pause = defineScript("pause", { args: () => [], reply: z.tuple([z.literal("paused")]) });
