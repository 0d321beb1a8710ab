import "../check-versions.js";
import { z } from "zod";
import { JOB_STATUSES, type JobStatus } from "../contract/lifecycle.js";
import { LIMITS } from "../contract/limits.js";
import { JOB_ERROR_CODE_PATTERN } from "../job/job-error.js";
import { Key, Tag } from "./option-schemas.js";
import { isWithinReach } from "./within-reach.js";

const Status = z.enum(JOB_STATUSES);
const When = z.date().refine(isWithinReach);
/** The characters of job ids. An id prefix is compared as it is, so a `*` in it would match nothing. */
const ID_PREFIX_PATTERN = /^[a-z][A-Za-z0-9._-]{0,96}$/;
const MOST_ERROR_TEXT = 200;

/** The filters of `JobFilter`, each of which may be missing. Lists have the same and more. */
export const FILTERS = {
  /** Only jobs of this kind. Cannot be combined with `queue`. */
  kind: z.string().max(64),
  /** Only jobs of this queue. Cannot be combined with `kind`. */
  queue: Key,
  /** Only jobs in this status, or in one of these statuses. */
  status: z.union([Status, z.array(Status).min(1).max(JOB_STATUSES.length)]),
  /** Only jobs of this owner. For operators, who get the jobs of all owners by default. */
  owner: z.string().min(1).max(LIMITS.ownerLength),
  /** Only jobs whose latest error has this code: jobs that failed, were cancelled or wait for a retry. */
  code: z.string().regex(JOB_ERROR_CODE_PATTERN),
  /**
   * Only jobs whose latest error has this text in the message that operators see, in upper or lower case (A to Z). Reads every error. For
   * operators only.
   */
  errorText: z.string().min(1).max(MOST_ERROR_TEXT),
  /** Only jobs with this tag. */
  tag: Tag,
  /** Only jobs with a tag that begins like this. There are no wildcards. */
  tagPrefix: Tag,
  /** Only jobs whose id begins like this. There are no wildcards. */
  idPrefix: z.string().regex(ID_PREFIX_PATTERN),
  /** Only jobs that were attempted at least this often in their current round. */
  minAttempts: z.int().min(1).max(LIMITS.attempts),
  /** Only jobs that were submitted at this time or later, or at this time or earlier. */
  submittedFrom: When,
  submittedTo: When,
  /** Only jobs that completed, failed or were cancelled at this time or later, or at this time or earlier. */
  endedFrom: When,
  endedTo: When,
} as const;

type Filters = { [K in keyof typeof FILTERS]?: z.infer<(typeof FILTERS)[K]> | undefined };

/** Filters for the jobs of a list or of a bulk action. All of them must match. Strict, because a misspelt filter would match other jobs. */
export const JobFilter = z.strictObject(FILTERS).partial().superRefine(checkFilter);
/** See the schema. */
export type JobFilter = z.infer<typeof JobFilter>;

/** Adds an issue for filters that exclude each other. */
export function checkFilter(
  { kind, queue, submittedFrom, submittedTo, endedFrom, endedTo }: Readonly<Filters>,
  context: z.RefinementCtx,
): void {
  const refuse = (path: string, message: string): void => context.addIssue({ code: "custom", path: [path], message });
  if (kind !== undefined && queue !== undefined) refuse("queue", "Set either kind or queue, not both");
  if (isAfter(submittedFrom, submittedTo)) refuse("submittedTo", "submittedTo is before submittedFrom");
  if (isAfter(endedFrom, endedTo)) refuse("endedTo", "endedTo is before endedFrom");
}

function isAfter(from: Date | undefined, to: Date | undefined): boolean {
  return from !== undefined && to !== undefined && from > to;
}

/** Returns the statuses that a filter names, or null for all. */
export function statusesOf({ status }: Readonly<Pick<Filters, "status">>): readonly JobStatus[] | null {
  if (status === undefined) return null;
  return typeof status === "string" ? [status] : [...new Set(status)];
}
