import { z } from "zod";
import { defineScript } from "../script.js";

/** Removes a worker that has stopped from the registry. */
export const leave = defineScript("leave", {
  args: (entry: string) => [entry],
  reply: z.tuple([z.literal("left")]),
});
