import { z } from "zod";
import { defineScript } from "../script.js";

/** Queues a waiting job before it is due. */
export const runNow = defineScript("run-now", {
  args: ({ id }: { id: string }, clock) => [clock, id],
  reply: z.tuple([z.enum(["queued", "not_waiting", "not_found"])]).transform(([word]) => word),
});
