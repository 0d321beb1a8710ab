import { z } from "zod";
import { defineScript } from "../script.js";

/** Cancels a waiting job, or asks the worker of a running one to stop it. */
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
