import { z } from "zod";
import { filterArg, type Wanted } from "../../record/filter-arg.js";
import { defineScript } from "../script.js";

/** Deletes many finished jobs. */
export const removeMany = defineScript("remove-many", {
  args: ({ ids, wanted }: { ids: readonly string[]; wanted: Wanted }) => [filterArg(wanted), ...ids],
  reply: z.tuple([z.literal("done")], z.enum(["removed", "changed", "unreadable"])).transform(([, ...words]) => words),
});
