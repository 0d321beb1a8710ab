import { z } from "zod";
import { defineScript } from "../script.js";

/** Deletes a finished job. */
export const remove = defineScript("remove", {
  args: ({ id }: { id: string }) => [id],
  reply: z.tuple([z.enum(["removed", "not_finished"])]).transform(([word]) => word),
});
