import { z } from "zod";
import { type JobToStore, jobArguments } from "../../record/job-to-store.js";
import { defineScript } from "../script.js";

/** The reply for one job. */
export type SubmitReply = ReturnType<typeof submit.parse>[number];

/** Stores jobs. */
export const submit = defineScript("submit", {
  args: ({ jobs, maxWaiting }: { jobs: readonly JobToStore[]; maxWaiting: number | null }, clock) => [
    clock,
    maxWaiting ?? "",
    ...jobArguments(jobs),
  ],
  reply: z.array(
    z.union([
      z.tuple([z.enum(["created", "existing"]), z.string(), z.string()]),
      z.tuple([z.enum(["idempotency_conflict", "unique_conflict"]), z.string()]),
      z.tuple([z.literal("queue_full")]),
      z.tuple([z.literal("too_many"), z.enum(["jobs", "bytes"])]),
    ]),
  ),
});
