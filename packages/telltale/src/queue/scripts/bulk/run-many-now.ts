import { z } from "zod";
import { filterArg, type Wanted } from "../../record/filter-arg.js";
import { defineScript } from "../script.js";

/** Queues many waiting jobs before they are due. */
export const runManyNow = defineScript("run-many-now", {
  args: ({ ids, wanted }: { ids: readonly string[]; wanted: Wanted }, clock) => [clock, filterArg(wanted), ...ids],
  reply: z
    .tuple([z.literal("done")], z.enum(["queued", "changed", "gone", "unreadable"]))
    .transform(([, ...words]) => words),
});
