import { type AnyJob, isFinal, type JobDetail } from "../../core/index.js";
import { decode, redact } from "../../core/internal.js";
import { toJobError } from "../record/stored-error.js";
import type { DetailRecord } from "../scripts/reading/detail.js";
import type { Viewer } from "../viewer.js";
import { fromRecord, toEvent } from "../watch/job-update.js";
import { type AttemptRecord, attemptsOf } from "./attempts.js";

/** Converts a record to the reply of `get`. `showsInput`: whether the input is part of it. */
export function toDetail(
  id: string,
  record: DetailRecord,
  viewer: Viewer & { readonly showsInput: boolean },
): JobDetail<AnyJob> {
  const { kind, createdAt, tags, priority, attempts, dueAt, errors, status, at, feed, input } = record;
  const story = attemptsOf(feed, errors, createdAt);
  const latest = story.at(-1);
  const details = {
    ...toEvent({ id, kind }, fromRecord(record, false), viewer),
    createdAt,
    ...(latest ? { startedAt: latest.startedAt, ...timesOf(latest) } : {}),
    ...(isFinal(status) ? { finishedAt: at } : {}),
    ...{ tags, priority, attempts },
    ...(dueAt === null ? {} : { runAt: dueAt }),
    story: story.map((one) => toAttempt(one, viewer)),
    errors: errors.map(({ error, ...attempt }) => ({ ...attempt, ...toJobError(error, viewer) })),
    ...(viewer.showsInput && input !== null ? { input: redact(decode(input), viewer.hidden) } : {}),
  };
  // As in `toEvent`, the payloads were parsed with the job's contract before they were stored.
  return details as JobDetail<AnyJob>;
}

function toAttempt(attempt: AttemptRecord, viewer: Viewer) {
  const { round, outcome, startedAt, endedAt, error, worker } = attempt;
  return {
    ...{ round, attempt: attempt.attempt, outcome, startedAt },
    ...(endedAt === null ? {} : { endedAt }),
    ...timesOf(attempt),
    ...(error === null ? {} : { error: toJobError(error, viewer) }),
    ...(worker === null || !viewer.isOperator ? {} : { worker }),
  };
}

function timesOf({ queuedAt, startedAt, endedAt }: AttemptRecord) {
  return { waitedMs: startedAt - queuedAt, ...(endedAt === null ? {} : { ranMs: endedAt - startedAt }) };
}
