import { z } from "zod";
import { JOB_STATUSES, PRIORITIES } from "../../../core/index.js";
import { parseTransition } from "../../record/feed-line.js";
import { parseErrorLine } from "../../record/stored-error.js";
import { storedTags } from "../../record/stored-tags.js";
import { MaybeText, MaybeWhole, Whole } from "../reply-fields.js";
import { defineScript } from "../script.js";

const Tags = z.string().transform(storedTags);

// The order of `values` in detail.lua.
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
  Tags,
  z.enum(PRIORITIES),
  Whole,
  MaybeText,
]);

const Found = z
  .tuple([z.literal("job"), Fields, MaybeWhole, z.array(z.string()), z.array(z.string())])
  .transform(([, fields, dueAt, errors, feed]) => {
    const [kind, owner, status, seq, rev, at, round, attempt, createdAt, progress, output, error, cancel, ...rest] =
      fields;
    const [tags, priority, attempts, input] = rest;
    const cancelRequested = cancel !== null;
    return {
      ...{ kind, owner, status, seq, rev, at, round, attempt, createdAt, progress, output, error, cancelRequested },
      ...{ tags, priority, input },
      /** The maximum number of attempts in a round. */
      attempts,
      /** When a scheduled or retrying job is due, by Redis's time, ms since 1970. Null for other jobs. */
      dueAt,
      /** The errors of failed attempts of any round, oldest first. */
      errors: errors.map(parseErrorLine),
      /** The last 64 transitions without the first one. */
      feed: feed.map(parseTransition),
    };
  });

/** A job's record with the details that its events do not contain. Payloads are still encoded. */
export type DetailRecord = z.output<typeof Found>;

/** Atomically reads a job with the errors of its attempts. */
export const detail = defineScript("detail", {
  args: ({ id }: { id: string }) => [id],
  reply: z.union([Found, z.tuple([z.literal("not_found")]).transform(() => null)]),
});
