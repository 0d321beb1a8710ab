import { z } from "zod";
import { JOB_STATUSES } from "../../../core/index.js";
import { storedTags } from "../../record/stored-tags.js";
import { MaybeText, Whole } from "../reply-fields.js";
import type { ScriptArgument } from "../script.js";

const MaybeTime = z.union([z.literal("").transform(() => null), z.coerce.number()]);
const Tags = z.string().transform(storedTags);

/** Which of the jobs looked at are answered; null where it does not matter. */
export interface Wanted {
  readonly status: string | null;
  readonly kind: string | null;
  readonly owner: string | null;
  readonly code: string | null;
  readonly tag: string | null;
}

/** `Wanted` as script arguments, in the order of `wanted_at` in lib/listing.lua. */
export function wantedArgs({ status, kind, owner, code, tag }: Wanted): ScriptArgument[] {
  return [status ?? "", kind ?? "", owner ?? "", code ?? "", tag ?? ""];
}

/** Between when, ms, by the time a list is sorted by. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** An entry of those sorted from the newest: by time, then by id. */
export interface SortedEntry {
  readonly time: number;
  readonly id: string;
}

// The order of `told` in lib/listing.lua.
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

/** One listed job as Redis holds it, its error still encoded. `order`: its score, or its index in a waiting list. */
export type ListedJob = z.output<typeof Listed>;

/** What one call of a listing script found. */
export interface ListedPage {
  readonly jobs: readonly ListedJob[];
  /** Where to go on: the last entry looked at; null after the last of all. Its time is null where none was read. */
  readonly next: { readonly time: number | null; readonly id: string; readonly index: number } | null;
}

const More = z.union([z.literal(0), z.literal(1)]);

/** The reply of a script that goes on after a time and an id. */
export const SortedReply = z
  .tuple([z.literal("page"), More, MaybeTime, z.string()], Listed)
  .transform(([, more, time, id, ...jobs]): ListedPage => ({ jobs, next: more ? { time, id, index: 0 } : null }));

/** The reply of a script that is told an index besides. */
export const IndexedReply = z
  .tuple([z.literal("page"), More, MaybeTime, z.string(), Whole], Listed)
  .transform(([, more, time, id, index, ...jobs]): ListedPage => ({ jobs, next: more ? { time, id, index } : null }));
