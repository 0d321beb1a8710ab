import { z } from "zod";
import { defineScript } from "../script.js";

/** Starts a new round of a finished job. */
export const rerun = defineScript("rerun", {
  args: ({ id, round }: { id: string; round: number }, clock) => [clock, id, round],
  reply: z.union([
    z.tuple([z.literal("queued"), z.coerce.number().int()]),
    z.tuple([z.literal("unique_conflict"), z.string()]),
    z.tuple([z.enum(["not_finished", "not_found"])]),
  ]),
});
