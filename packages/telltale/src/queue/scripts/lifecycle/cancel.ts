import { z } from "zod";
import { defineScript } from "../script.js";

/** Ends a waiting job, or asks for the end of a running one. */
export const cancel = defineScript("cancel", {
  args: ({ id, rememberMs, request }: { id: string; rememberMs: number; request: string }, clock) => [
    clock,
    rememberMs,
    id,
    request,
  ],
  reply: z
    .tuple([z.enum(["cancelled", "requested", "already_finished", "not_found"])])
    .transform(([outcome]) => outcome),
});
