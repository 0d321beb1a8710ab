import { z } from "zod";
import { JOB_STATUSES } from "../../../core/index.js";
import { storedTags } from "../../record/stored-tags.js";
import { MaybeText, Whole } from "../reply-fields.js";

const MaybeTime = z.union([z.literal("").transform(() => null), z.coerce.number()]);
const Tags = z.string().transform(storedTags);

/** Bounds for the time by which a list is sorted, ms. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** An entry of a list that is sorted by time and then by id, newest first. */
export interface SortedEntry {
  readonly time: number;
  readonly id: string;
}

// The order of `listed_reply` in lib/finding/listing.lua.
const Listed = z
  .tuple([
    z.string(),
    z.coerce.number(),
    z.string(),
    z.enum(JOB_STATUSES),
    Whole,
    Whole,
    Whole,
    Whole,
    MaybeText,
    Tags,
    MaybeText,
    MaybeTime,
  ])
  .transform(([id, order, kind, status, at, createdAt, round, attempt, owner, tags, error, dueAt]) => {
    return { id, order, kind, status, at, createdAt, round, attempt, owner, tags, error, dueAt };
  });

/** A listed job, its error still encoded. `order` is its score, or its index in a waiting list. */
export type ListedJob = z.output<typeof Listed>;

/** The result of one call of a listing script. */
export interface ListedPage {
  readonly jobs: readonly ListedJob[];
  /** How many entries were checked. */
  readonly seen: number;
  /** Where to continue: the last checked entry, or null at the end. Its time is null if none was read. */
  readonly next: { readonly time: number | null; readonly id: string; readonly index: number } | null;
}

const More = z.union([z.literal(0), z.literal(1)]);

/** The reply of a script that continues after a time and an id. */
export const SortedReply = z
  .tuple([z.literal("page"), More, Whole, MaybeTime, z.string()], Listed)
  .transform(
    ([, more, seen, time, id, ...jobs]): ListedPage => ({ jobs, seen, next: more ? { time, id, index: 0 } : null }),
  );

/** The reply of one of the calls that list running jobs. */
export const RunningReply = z
  .tuple([z.literal("page"), More, Whole, MaybeTime], Listed)
  .transform(([, more, seen, nextExpiry, ...jobs]) => ({ jobs, more: more === 1, seen, nextExpiry }));

/** The reply of a script that continues after a time, an id and an index. */
export const IndexedReply = z
  .tuple([z.literal("page"), More, Whole, MaybeTime, z.string(), Whole], Listed)
  .transform(
    ([, more, seen, time, id, index, ...jobs]): ListedPage => ({ jobs, seen, next: more ? { time, id, index } : null }),
  );
