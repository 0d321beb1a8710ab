import { createHash } from "node:crypto";
import { z } from "zod";
import { LIMITS, PRIORITIES, type Priority, TelltaleError } from "../../core/index.js";
import { JOB_ID_PATTERN } from "../../core/internal.js";
import type { ListInput } from "../../core/schemas.js";
import type { WaitingEntry } from "../scripts/reading/list-waiting.js";
import type { SortedEntry } from "../scripts/reading/listed.js";

/** A waiting list of a queue. */
export interface WaitingList {
  readonly queue: string;
  readonly priority: Priority;
}

/**
 * Where a list continues. The cursor does not say whose jobs to list, so a forged one only continues at another place of the same
 * list.
 */
export interface ListCursor {
  /** The position among the jobs that are sorted by time. Null starts with the newest. */
  readonly sorted: SortedEntry | null;
  /** The positions in waiting lists, which are not sorted by time. */
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

/** Formats a cursor for the wire. Throws `invalid_input` if jobs wait in more lists than it can hold. */
export function formatCursor(cursor: ListCursor, query: ListInput): string {
  const wire: z.infer<typeof Wire> = [
    fingerprintOf(query),
    cursor.sorted && [cursor.sorted.time, cursor.sorted.id],
    cursor.waiting.map(({ queue, priority, index, id, time }) => [queue, priority, index, id, time]),
  ];
  const text = Buffer.from(JSON.stringify(wire)).toString("base64url");
  if (text.length <= LIMITS.cursorLength) return text;
  throw new TelltaleError(
    "invalid_input",
    "Jobs are waiting in too many queues for one list. Filter the list by queue or kind",
  );
}

/** Parses a cursor. Throws `invalid_input` if it is malformed, or belongs to a list with other filters or of another caller. */
export function parseCursor(text: string | undefined, query: ListInput): ListCursor {
  if (text === undefined) return FIRST_PAGE;
  const parsed = Wire.safeParse(json(Buffer.from(text, "base64url").toString()));
  if (!parsed.success || parsed.data[0] !== fingerprintOf(query)) {
    throw new TelltaleError(
      "invalid_input",
      "The cursor belongs to another list. Use the filters of the page that returned it",
    );
  }
  const [, sorted, waiting] = parsed.data;
  return {
    sorted: sorted && { time: sorted[0], id: sorted[1] },
    waiting: waiting.map(([queue, priority, index, id, time]) => ({ queue, priority, index, id, time })),
  };
}

// In this order, so that equal filters have equal fingerprints. The type finds a filter that is missing here.
const PARTS = {
  ...{
    owner: 0,
    kind: 0,
    queue: 0,
    status: 0,
    code: 0,
    tag: 0,
    from: 0,
    to: 0,
    errorText: 0,
    tagPrefix: 0,
    idPrefix: 0,
  },
  ...{ minAttempts: 0, submittedFrom: 0, submittedTo: 0, endedFrom: 0, endedTo: 0, sort: 0 },
} as const satisfies Record<keyof Omit<ListInput, "limit" | "cursor">, 0>;

/** Returns a digest of filters, by which a cursor knows the list that it belongs to. */
export function fingerprintOf(query: ListInput, also: readonly unknown[] = []): string {
  const { status } = query;
  const filters = Object.entries({
    ...PARTS,
    ...query,
    status: status === undefined ? undefined : [status].flat().sort(),
  })
    .filter(([name, value]) => Object.hasOwn(PARTS, name) && value !== undefined && value !== 0)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256")
    .update(JSON.stringify([filters, ...also]))
    .digest("base64url")
    .slice(0, 16);
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
