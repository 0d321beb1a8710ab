import { type QueueHistory, TelltaleError } from "../../core/index.js";
import type { HistoryInput } from "../../core/schemas.js";
import type { QueueScripts } from "../scripts/queue-scripts.js";
import type { StoredHistory } from "../scripts/reading/read-history.js";
import { addCount, addLine, addOpen, periodOf, type Tally, totalsOf } from "./tally.js";
import { STEPS, windowOf } from "./window.js";

/**
 * Reads the history of a queue. Rejects with `invalid_input` for a period that is empty, in the future or no longer kept, and with
 * `unknown_kind` for a kind that neither a contract nor the queue knows. Each bucket is read at once, but the buckets of a long period are
 * read one after another.
 */
export async function readHistory(
  scripts: QueueScripts,
  input: HistoryInput,
  isKnown: (kind: string) => boolean,
): Promise<QueueHistory> {
  const { kind } = input;
  const first = await scripts.readHistory({ per: "minutes", first: 1, last: 0, kind: "" });
  if (kind !== undefined && !isKnown(kind) && !kindsOf(first).has(kind)) {
    const shown = JSON.stringify(kind.slice(0, 64));
    throw new TelltaleError("unknown_kind", `Queue ${scripts.queue} has no kind ${shown}. Check its spelling`);
  }
  const { step, since, until } = windowOf(input, first.now);
  const tallies = new Map<number, Tally>();
  const { ms, keyMs, word } = STEPS[step];
  const last = Math.floor(until / keyMs);
  for (let next = Math.floor(since / keyMs); next <= last; ) {
    const stored = await scripts.readHistory({ per: word, first: next, last, kind: kind ?? "" });
    for (const { key, position, line } of stored.lines) addLine(tallyAt(key * keyMs + position * ms), line);
    const openAt = stored.openMinute === null ? Number.NaN : Math.floor((stored.openMinute * 60_000) / ms) * ms;
    if (openAt >= next * keyMs && openAt < stored.next * keyMs) addOpen(tallyAt(openAt), stored, kind);
    next = stored.next;
  }
  const all: Tally = new Map();
  const buckets = [];
  for (let at = since; at <= until; at += ms) {
    const tally = tallies.get(at) ?? new Map();
    for (const [code, n] of tally) addCount(all, code, n);
    buckets.push({ at, ...periodOf(tally) });
  }
  const period = periodOf(all);
  const totals = totalsOf(first, kind);
  return { queue: scripts.queue, kind: kind ?? null, step, since, until, buckets, period, totals };

  function tallyAt(at: number): Tally {
    const tally = tallies.get(at) ?? new Map();
    tallies.set(at, tally);
    return tally;
  }
}

function kindsOf({ totals, open }: StoredHistory): ReadonlySet<string> {
  return new Set([...totals, ...open].map(({ kind }) => kind));
}
