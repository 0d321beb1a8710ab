import { z } from "zod";
import { defineScript } from "../script.js";

/** Hands a paused queue out again. */
export const resume = defineScript("resume", { args: () => [], reply: z.tuple([z.literal("resumed")]) });
