import { z } from "zod";
import { filterArg, type Wanted } from "../../record/filter-arg.js";
import { defineScript } from "../script.js";

/** Cancels many jobs. */
export const cancelMany = defineScript("cancel-many", {
  args: (
    {
      ids,
      wanted,
      rememberMs,
      request,
    }: { ids: readonly string[]; wanted: Wanted; rememberMs: number; request: string },
    clock,
  ) => [clock, rememberMs, request, filterArg(wanted), ...ids],
  reply: z
    .tuple([z.literal("done")], z.enum(["cancelled", "requested", "changed", "gone", "unreadable"]))
    .transform(([, ...words]) => words),
});
