import { z } from "zod";
import { defineScript } from "../script.js";

/** Queues one waiting job before its time. */
export const runNow = defineScript("run-now", {
  args: ({ id }: { id: string }, clock) => [clock, id],
  reply: z.tuple([z.enum(["queued", "not_waiting", "not_found"])]).transform(([word]) => word),
});
