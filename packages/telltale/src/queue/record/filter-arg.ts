import { type JobFilter, statusesOf } from "../../core/schemas.js";

/** Writes a filter as lib/filter.lua reads it. The queue is left out, because a script only sees its own. */
export function filterArg(filter: Readonly<JobFilter>): string {
  const statuses = statusesOf(filter);
  return JSON.stringify({
    statuses: statuses ? Object.fromEntries(statuses.map((status) => [status, true])) : undefined,
    kind: filter.kind,
    owner: filter.owner,
    code: filter.code,
    error_text: filter.errorText,
    tag: filter.tag,
    tag_prefix: filter.tagPrefix,
    id_prefix: filter.idPrefix,
    min_attempts: filter.minAttempts,
    submitted_from: filter.submittedFrom?.getTime(),
    submitted_to: filter.submittedTo?.getTime(),
    ended_from: filter.endedFrom?.getTime(),
    ended_to: filter.endedTo?.getTime(),
  });
}
