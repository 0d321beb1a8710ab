import { createHash } from "node:crypto";
import { z } from "zod";
import { LIMITS, PRIORITIES, type Priority, TelltaleError } from "../../core/index.js";
import { JOB_ID_PATTERN } from "../../core/internal.js";
import type { ListInput } from "../../core/schemas.js";
import type { WaitingEntry } from "../scripts/reading/list-waiting.js";
import type { SortedEntry } from "../scripts/reading/listed.js";

/** Which waiting list. */
export interface WaitingList {
  readonly queue: string;
  readonly priority: Priority;
}

/** Where a list goes on. It says nothing of whose jobs are listed: a forged one goes on elsewhere in the same list. */
export interface ListCursor {
  /** In all that is sorted by time; null: from the newest. */
  readonly sorted: SortedEntry | null;
  /** In waiting lists, which have an order of their own. */
  readonly waiting: readonly (WaitingList & WaitingEntry)[];
}

const FIRST_PAGE: ListCursor = { sorted: null, waiting: [] };

const Id = z.string().regex(JOB_ID_PATTERN);
const Time = z.number().min(0).max(Number.MAX_SAFE_INTEGER);
const Wire = z.tuple([
  z.string(),
  z.tuple([Time, Id]).nullable(),
  z.array(z.tuple([z.string(), z.enum(PRIORITIES), z.int().min(0), Id, Time.nullable()])),
]);

/** The cursor of a page on the wire. Throws `invalid_input` where jobs wait in more lists than it can hold. */
export function formatCursor(cursor: ListCursor, query: ListInput): string {
  const wire: z.infer<typeof Wire> = [
    fingerprintOf(query),
    cursor.sorted && [cursor.sorted.time, cursor.sorted.id],
    cursor.waiting.map(({ queue, priority, index, id, time }) => [queue, priority, index, id, time]),
  ];
  const text = Buffer.from(JSON.stringify(wire)).toString("base64url");
  if (text.length <= LIMITS.cursorLength) return text;
  throw new TelltaleError("invalid_input", "Jobs wait in too many queues for one list: name a queue");
}

/** Reads a cursor. Throws `invalid_input` for what is none, or one of a list with other filters or of another caller. */
export function parseCursor(text: string | undefined, query: ListInput): ListCursor {
  if (text === undefined) return FIRST_PAGE;
  const parsed = Wire.safeParse(json(Buffer.from(text, "base64url").toString()));
  if (!parsed.success || parsed.data[0] !== fingerprintOf(query)) {
    throw new TelltaleError("invalid_input", "The cursor is not of this list");
  }
  const [, sorted, waiting] = parsed.data;
  return {
    sorted: sorted && { time: sorted[0], id: sorted[1] },
    waiting: waiting.map(([queue, priority, index, id, time]) => ({ queue, priority, index, id, time })),
  };
}

function fingerprintOf({ owner, kind, queue, status, code, tag, from, to }: ListInput): string {
  const asked = JSON.stringify([owner, kind, queue, status, code, tag, from, to].map((one) => one ?? null));
  return createHash("sha256").update(asked).digest("base64url").slice(0, 16);
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
