import type { AnyJob, JobDetail } from "../../core/index.js";
import { toJobError } from "../record/stored-error.js";
import type { DetailRecord } from "../scripts/reading/detail.js";
import { fromRecord, toEvent } from "../watch/job-update.js";

/** Converts a record to the reply of `get`. `detail`: whether the caller is an operator, who may see the real messages of failures. */
export function toDetail(id: string, record: DetailRecord, detail: boolean): JobDetail<AnyJob> {
  const { kind, createdAt, tags, priority, attempts, dueAt, errors } = record;
  const details = {
    ...toEvent({ id, kind }, fromRecord(record, false), detail),
    ...{ createdAt, tags, priority, attempts },
    ...(dueAt === null ? {} : { runAt: dueAt }),
    errors: errors.map(({ error, ...attempt }) => ({ ...attempt, ...toJobError(error, detail) })),
  };
  // As in `toEvent`, the payloads were parsed with the job's contract before they were stored.
  return details as JobDetail<AnyJob>;
}
