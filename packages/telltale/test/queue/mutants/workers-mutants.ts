import type { CheckName } from "./checks.js";
import type { Mutant } from "./mutant.js";

type Row = readonly [name: string, find: string, replace: string, killedBy: CheckName];

const LISTED: CheckName = "a worker is listed until it has missed three beats";
const SET_BACK: CheckName = "a worker that died before the clock was set back is gone";
const REMOVED: CheckName = "each beat removes ten workers that are gone from every key";
const DRAINED: CheckName = "draining reaches the workers of the name by a message and with their beats, and no others";
const NOT_THE_DEAD: CheckName = "workers that are gone are not drained";
const KEPT: CheckName = "what a worker was asked is kept while it lives, and for a day if it is gone";
const LEFT: CheckName = "a worker that leaves is in no key any more";
const PAGES: CheckName = "workers are listed and drained in pages";

/** Faults in the registry of workers. */
export const workersMutants: readonly Mutant[] = [
  ...faults("G31", "lib/roster", [
    ["dead workers stay listed for a minute", "local GONE_MS = 15000", "local GONE_MS = 60000", LISTED],
    [
      "a dead worker is back when the clock is set back",
      "math.abs(now - tonumber(at))",
      "now - tonumber(at)",
      SET_BACK,
    ],
  ]),
  ...faults("G25", "lib/roster", [
    ["dead workers keep their last beat", "redis.call('ZREM', last_seen, entry)", "", REMOVED],
    ["dead workers keep their names", "redis.call('ZREM', roster, entry)", "", REMOVED],
    ["dead workers keep their records", "redis.call('HDEL', records, entry)", "", REMOVED],
  ]),
  ...faults("G31", "beat", [
    ["a beat does not count", "redis.call('ZADD', last_seen, now, entry)", "", LISTED],
    ["a beat lists no worker", "redis.call('ZADD', roster, 0, entry)", "", LISTED],
    ["a worker seems to start with each beat", "(started ~= '' and started or now)", "now", LISTED],
    ["a worker whose message was lost is not drained", "redis.call('ZSCORE', drained, entry) and 1 or 0", "0", DRAINED],
    ["what a live worker was asked is forgotten", "and not redis.call('ZSCORE', last_seen, one) then", "then", KEPT],
    [
      "what a worker was asked is forgotten within a minute",
      "MOST_STRUCK, ASKED_MS = 10, 86400000",
      "MOST_STRUCK, ASKED_MS = 10, 60000",
      KEPT,
    ],
  ]),
  ...faults("G25", "beat", [
    ["dead workers stay for ever", "for _, one in ipairs(gone) do strike(one) end", "", REMOVED],
    ["dead workers from before the clock was set back stay", "  gone[#gone + 1] = one\n", "", SET_BACK],
    ["what dead workers were asked stays for ever", "then redis.call('ZREM', drained, one) end", "then end", KEPT],
  ]),
  ...faults("G26", "beat", [
    [
      "a beat removes dead workers without limit",
      "MOST_STRUCK, ASKED_MS = 10,",
      "MOST_STRUCK, ASKED_MS = 10000,",
      REMOVED,
    ],
  ]),
  ...faults("G25", "leave", [
    ["a worker that stopped stays listed", "strike(entry)\n", "", LEFT],
    ["what a worker was asked outlives its stop", "redis.call('ZREM', drained, entry)", "", LEFT],
  ]),
  ...faults("G31", "list-workers", [
    ["only the first workers are listed", "#entries == limit and entries[limit] or ''", "''", PAGES],
    ["every page of workers is the first one", "after ~= '' and '(' .. after or '-'", "'-'", PAGES],
    ["dead workers are listed", "if is_there(times[i], now) and texts_of[i] then", "if texts_of[i] then", LISTED],
    ["dead workers count as workers", "'(' .. (now - GONE_MS)", "'-inf'", LISTED],
    ["workers that were asked to drain seem to claim", "asked[i] and 1 or 0", "0", DRAINED],
    ["dead workers from before the clock was set back are counted", "'(' .. (now + GONE_MS)", "'+inf'", SET_BACK],
  ]),
  ...faults("G31", "drain-workers", [
    ["workers of other names are drained", "'(' .. name .. '!'", "'+'", DRAINED],
    ["workers whose names come before are drained", "'[' .. name .. ' '", "'-'", DRAINED],
    ["dead workers are drained", "is_there(times[i], now)", "times[i]", NOT_THE_DEAD],
    [
      "no worker is told at once",
      "redis.call('PUBLISH', registry .. 'asked', 'drain\\n' .. table.concat(ids, '\\n'))",
      "",
      DRAINED,
    ],
    ["a lost message drains no worker", "redis.call('ZADD', drained, 'NX', unpack(asked))", "", DRAINED],
    ["only the first workers of a name are drained", "#entries == limit and entries[limit] or ''", "''", PAGES],
  ]),
];

function faults(guarantee: Mutant["guarantee"], file: string, rows: readonly Row[]): Mutant[] {
  return rows.map(([name, find, replace, killedBy]) => ({ name, guarantee, file, find, replace, killedBy }));
}
