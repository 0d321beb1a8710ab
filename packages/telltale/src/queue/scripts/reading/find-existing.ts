import { z } from "zod";
import { type JobToStore, searchArguments } from "../../record/job-to-store.js";
import { defineScript } from "../script.js";

/** Looks for the job, or for a job that holds one of its keys. */
export const findExisting = defineScript("find-existing", {
  args: ({ job }: { job: JobToStore }) => searchArguments(job),
  reply: z.union([
    z.tuple([z.literal("existing"), z.string(), z.string()]),
    z.tuple([z.enum(["idempotency_conflict", "unique_conflict"]), z.string()]),
    z.tuple([z.literal("none")]),
  ]),
});
