import { z } from "zod";
import { type JobToStore, jobArguments } from "../../record/job-to-store.js";
import { defineScript } from "../script.js";

/** A schedule that moves on. */
export interface Passing {
  readonly name: string;
  readonly revision: string;
  /** Where it must still stand. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Null where what it passes makes no job. */
  readonly fired: { readonly atMs: number; readonly job: JobToStore } | null;
}

/** Moves a schedule on and stores the job of what it passes. */
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
