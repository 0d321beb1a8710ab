import { z } from "zod";
import { JOB_STATUSES } from "../../../core/index.js";
import { parseTransition } from "../../record/feed-line.js";
import { MaybeText, Whole } from "../reply-fields.js";
import { defineScript } from "../script.js";

// The order of `values` in read.lua.
const Fields = z.tuple([
  z.string(),
  MaybeText,
  z.enum(JOB_STATUSES),
  Whole,
  Whole,
  Whole,
  Whole,
  Whole,
  Whole,
  MaybeText,
  MaybeText,
  MaybeText,
  MaybeText,
  MaybeText,
]);

const Found = z.tuple([z.literal("job"), Fields, z.array(z.string())]).transform(([, fields, feed]) => {
  const [kind, owner, status, seq, rev, at, round, attempt, createdAt, runAt, progress, output, error, cancel] = fields;
  return {
    kind,
    owner,
    status,
    seq,
    rev,
    /** Redis's time at the newest transition, ms since 1970. */
    at,
    round,
    attempt,
    createdAt,
    /** Whether it was submitted for a later time. */
    wasScheduled: runAt !== null,
    progress,
    output,
    error,
    cancelRequested: cancel !== null,
    /** The kept transitions, oldest first, without the first one, which is derived from the hash. */
    feed: feed.map(parseTransition),
  };
});

/** A job's record and feed. Payloads are still encoded. */
export type JobRecord = z.output<typeof Found>;

/** Atomically reads a job and its feed. */
export const read = defineScript("read", {
  args: ({ id }: { id: string }) => [id],
  reply: z.union([Found, z.tuple([z.literal("not_found")]).transform(() => null)]),
});
