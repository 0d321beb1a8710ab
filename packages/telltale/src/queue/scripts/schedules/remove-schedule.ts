import { z } from "zod";
import { defineScript } from "../script.js";

/** Deletes a schedule. */
export const removeSchedule = defineScript("remove-schedule", {
  args: ({ name }: { name: string }) => [name],
  reply: z.tuple([z.enum(["removed", "none"])]).transform(([word]) => word === "removed"),
});
