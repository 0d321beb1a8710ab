import { z } from "zod";
import { defineScript } from "../script.js";

/** What a removed schedule was: its next time, or null if it had lost it, and its definition, still encoded. */
export interface RemovedSchedule {
  readonly nextMs: number | null;
  readonly definition: string;
}

/** Deletes a schedule; with a revision, only if it still has it. */
export const removeSchedule = defineScript("remove-schedule", {
  args: ({ name, revision = "" }: { name: string; revision?: string | undefined }) => [name, revision],
  reply: z
    .union([z.tuple([z.literal("removed"), z.string(), z.string()]), z.tuple([z.literal("none")])])
    .transform(([, nextMs, definition = ""]): RemovedSchedule | null =>
      nextMs === undefined ? null : { nextMs: nextMs === "" ? null : Number(nextMs), definition },
    ),
});
