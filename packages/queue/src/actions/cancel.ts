import { z } from "zod";
import { defineScript } from "../script.js";

/** Ends a waiting job, or asks for the end of a running one. */
export const cancel = defineScript("cancel", {
  args: ({ id, rememberMs }: { id: string; rememberMs: number }, clock) => [clock, rememberMs, id],
  reply: z
    .tuple([z.enum(["cancelled", "requested", "already_finished", "not_found"])])
    .transform(([outcome]) => outcome),
});
