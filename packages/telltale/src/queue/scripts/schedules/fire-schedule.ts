import { z } from "zod";
import { type JobToStore, jobArguments } from "../../record/job-to-store.js";
import { defineScript } from "../script.js";

/** The move of a schedule to its next time. */
export interface Passing {
  readonly name: string;
  readonly revision: string;
  /** The time that the schedule must still have. */
  readonly fromMs: number;
  readonly toMs: number;
  /** The job to create and its time, or null for none. */
  readonly fired: { readonly atMs: number; readonly job: JobToStore } | null;
}

/** Moves a schedule to its next time, and stores its job. */
export const fireSchedule = defineScript("fire-schedule", {
  args: ({ name, revision, fromMs, toMs, fired }: Passing, clock) => [
    clock,
    name,
    fromMs,
    revision,
    toMs,
    ...(fired ? [fired.atMs, ...jobArguments([fired.job])] : []),
  ],
  reply: z
    .union([z.tuple([z.literal("fired"), z.string()]), z.tuple([z.enum(["passed", "replaced"])])])
    .transform(([word]) => word),
});
