import type { AnyJob, JobDetail } from "../../core/index.js";
import { toJobError } from "../record/stored-error.js";
import type { DetailRecord } from "../scripts/reading/detail.js";
import { fromRecord, toEvent } from "../watch/job-update.js";

/** A job as `get` answers it. `detail`: whether the real messages of failures may be seen (operators). */
export function toDetail(id: string, record: DetailRecord, detail: boolean): JobDetail<AnyJob> {
  const { kind, createdAt, tags, priority, attempts, dueAt, errors } = record;
  const told = {
    ...toEvent({ id, kind }, fromRecord(record, false), detail),
    ...{ createdAt, tags, priority, attempts },
    ...(dueAt === null ? {} : { runAt: dueAt }),
    errors: errors.map(({ error, ...attempt }) => ({ ...attempt, ...toJobError(error, detail) })),
  };
  // As in `toEvent`: what was stored had been parsed by the job's contract.
  return told as JobDetail<AnyJob>;
}
