import { z } from "zod";
import { JOB_STATUSES, PRIORITIES } from "../../../core/index.js";
import { parseTransition } from "../../record/feed-line.js";
import { parseErrorLine } from "../../record/stored-error.js";
import { storedTags } from "../../record/stored-tags.js";
import { MaybeText, MaybeWhole, Whole } from "../reply-fields.js";
import { defineScript } from "../script.js";

const Tags = z.string().transform(storedTags);

// The order of NAMES in detail.lua.
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
]);

const Found = z
  .tuple([z.literal("job"), Fields, MaybeWhole, z.array(z.string()), z.array(z.string())])
  .transform(([, fields, dueAt, errors, feed]) => {
    const [kind, owner, status, seq, rev, at, round, attempt, createdAt, progress, output, error, cancel, ...rest] =
      fields;
    const [tags, priority, attempts] = rest;
    const cancelRequested = cancel !== null;
    return {
      ...{ kind, owner, status, seq, rev, at, round, attempt, createdAt, progress, output, error, cancelRequested },
      ...{ tags, priority },
      /** The most its contract allows in a round. */
      attempts,
      /** Redis time, while it waits for it. */
      dueAt,
      /** Of the attempts that failed, oldest first, whatever round. */
      errors: errors.map(parseErrorLine),
      /** Its newest transition, where that is not the first of all. */
      feed: feed.map(parseTransition),
    };
  });

/** One job as Redis holds it, with what the event of its status does not say; payloads still encoded. */
export type DetailRecord = z.output<typeof Found>;

/** Reads a job with its attempts' errors as of one moment. */
export const detail = defineScript("detail", {
  args: ({ id }: { id: string }) => [id],
  reply: z.union([Found, z.tuple([z.literal("not_found")]).transform(() => null)]),
});
