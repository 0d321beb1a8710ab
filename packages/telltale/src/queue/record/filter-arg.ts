import { type JobFilter, statusesOf } from "../../core/schemas.js";

/** What scripts compare jobs with: the filter of a caller, and bounds that only our own code sets. */
export interface Wanted extends Readonly<JobFilter> {
  /** Only jobs that took their status at this time or earlier, ms. */
  readonly changedTo?: number | undefined;
  /** Whether to leave out running jobs that were asked to stop. */
  readonly isUnasked?: boolean | undefined;
}

/** Writes a filter as lib/finding/filter.lua reads it. The queue is left out, because a script only sees its own. */
export function filterArg(wanted: Wanted): string {
  const statuses = statusesOf(wanted);
  return JSON.stringify({
    statuses: statuses ? Object.fromEntries(statuses.map((status) => [status, true])) : undefined,
    kind: wanted.kind,
    owner: wanted.owner,
    code: wanted.code,
    error_text: wanted.errorText,
    tag: wanted.tag,
    tag_prefix: wanted.tagPrefix,
    id_prefix: wanted.idPrefix,
    min_attempts: wanted.minAttempts,
    submitted_from: wanted.submittedFrom?.getTime(),
    submitted_to: wanted.submittedTo?.getTime(),
    ended_from: wanted.endedFrom?.getTime(),
    ended_to: wanted.endedTo?.getTime(),
    changed_to: wanted.changedTo,
    is_unasked: wanted.isUnasked,
  });
}
