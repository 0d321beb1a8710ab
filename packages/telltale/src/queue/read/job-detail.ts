import { type AnyJob, isFinal, type JobDetail } from "../../core/index.js";
import { decode } from "../../core/internal.js";
import { toJobError } from "../record/stored-error.js";
import type { DetailRecord } from "../scripts/reading/detail.js";
import { fromRecord, toEvent } from "../watch/job-update.js";
import { type AttemptRecord, attemptsOf } from "./attempts.js";

/** What a caller of `get` may see besides the job's events. */
export interface DetailView {
  /** Whether the caller is an operator, who may see the real messages of failures and which worker ran the job. */
  readonly isOperator: boolean;
  readonly showsInput: boolean;
}

/** Converts a record to the reply of `get`. */
export function toDetail(id: string, record: DetailRecord, { isOperator, showsInput }: DetailView): JobDetail<AnyJob> {
  const { kind, createdAt, tags, priority, attempts, dueAt, errors, status, at, feed, input } = record;
  const story = attemptsOf(feed, errors, createdAt);
  const latest = story.at(-1);
  const details = {
    ...toEvent({ id, kind }, fromRecord(record, false), isOperator),
    createdAt,
    ...(latest ? { startedAt: latest.startedAt, ...timesOf(latest) } : {}),
    ...(isFinal(status) ? { finishedAt: at } : {}),
    ...{ tags, priority, attempts },
    ...(dueAt === null ? {} : { runAt: dueAt }),
    story: story.map((one) => toAttempt(one, isOperator)),
    errors: errors.map(({ error, ...attempt }) => ({ ...attempt, ...toJobError(error, isOperator) })),
    ...(showsInput && input !== null ? { input: decode(input) } : {}),
  };
  // As in `toEvent`, the payloads were parsed with the job's contract before they were stored.
  return details as JobDetail<AnyJob>;
}

function toAttempt(attempt: AttemptRecord, isOperator: boolean) {
  const { round, outcome, startedAt, endedAt, error, worker } = attempt;
  return {
    ...{ round, attempt: attempt.attempt, outcome, startedAt },
    ...(endedAt === null ? {} : { endedAt }),
    ...timesOf(attempt),
    ...(error === null ? {} : { error: toJobError(error, isOperator) }),
    ...(worker === null || !isOperator ? {} : { worker }),
  };
}

function timesOf({ queuedAt, startedAt, endedAt }: AttemptRecord) {
  return { waitedMs: startedAt - queuedAt, ...(endedAt === null ? {} : { ranMs: endedAt - startedAt }) };
}
