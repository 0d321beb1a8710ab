import { z } from "zod";
import { Whole } from "../reply-fields.js";
import { defineScript } from "../script.js";

// A hash as it is in a reply: names and values. What does not have its form is dropped, because it must not hide the rest.
function pairs(flat: readonly string[]): [name: string, value: string][] {
  return flat.flatMap((name, i) => (i % 2 === 0 ? [[name, flat[i + 1] ?? ""] as [string, string]] : []));
}

/** The stored totals: for each kind, a line of counts. */
export const StoredTotals = z
  .array(z.string())
  .transform((flat) => pairs(flat).map(([kind, line]) => ({ kind, line })));

/** The counts of the minute that is not yet over: `<number> <kind>` and the count. */
export const OpenCounts = z.array(z.string()).transform((flat) =>
  pairs(flat).flatMap(([name, count]) => {
    const [, code, kind] = /^(\d{1,3}) (\S+)$/.exec(name) ?? [];
    return code === undefined || kind === undefined || !/^\d{1,15}$/.test(count)
      ? []
      : [{ code: Number(code), kind, count: Number(count) }];
  }),
);

const Reply = z
  .tuple([z.literal("history"), Whole, Whole, Whole, StoredTotals, OpenCounts], z.array(z.string()))
  .transform(([, now, next, openMinute, totals, open, ...keys]) => ({
    now,
    /** The next hour or day to read, or the one after the last if all were read. */
    next,
    openMinute: openMinute < 0 ? null : openMinute,
    totals,
    open,
    lines: keys.flatMap(([key, ...flat]) =>
      pairs(flat).flatMap(([name, line]) => {
        const [, position] = /^(\d{1,2}) \S+$/.exec(name) ?? [];
        // `key` is the number of an hour or day, and `position` that of a minute or hour in it.
        return position === undefined ? [] : [{ key: Number(key), position: Number(position), line }];
      }),
    ),
  }));

/** Counts of a queue as they are stored. */
export type StoredHistory = z.output<typeof Reply>;

/** Reads the counts of a queue in some hours, by minute, or in some days, by hour. */
export const readHistory = defineScript("read-history", {
  args: (
    { per, first, last, kind }: Readonly<{ per: "minutes" | "hours"; first: number; last: number; kind: string }>,
    clock,
  ) => [clock, per, first, last, kind],
  reply: Reply,
});
