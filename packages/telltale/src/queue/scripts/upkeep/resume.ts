import { z } from "zod";
import { defineScript } from "../script.js";

/** Resumes a paused queue. */
export const resume = defineScript("resume", {
  args: () => [],
  reply: z.tuple([z.enum(["resumed", "obliterating"])]).transform(([word]) => word),
});
