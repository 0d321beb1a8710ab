import { z } from "zod";
import { totalsOf } from "../../history/tally.js";
import { MaybeWhole, Whole } from "../reply-fields.js";
import { defineScript } from "../script.js";
import { OpenCounts, StoredTotals } from "./read-history.js";

// A worker calls promote.lua every 4 s at the latest, even if it has no free slot, and the script notes that every 10 s.
const WORKERS_GONE_MS = 60_000;

/** Reads the statistics of a queue. */
export const stats = defineScript("stats", {
  args: (_: undefined, clock) => [clock],
  // The order of NAMES in stats.lua.
  reply: z
    .tuple([
      z.literal("stats"),
      Whole,
      z.union([z.literal(0), z.literal(1)]),
      MaybeWhole,
      MaybeWhole,
      Whole,
      MaybeWhole,
      StoredTotals,
      OpenCounts,
      Whole,
      Whole,
      Whole,
      Whole,
      Whole,
      Whole,
      Whole,
    ])
    .transform(([, at, paused, nextDueAt, oldestQueuedAt, setAside, workedAt, totals, open, ...counts]) => {
      const [scheduled, queued, running, retrying, completed, failed, cancelled] = counts;
      return {
        at,
        paused: paused === 1,
        jobs: { scheduled, queued, running, retrying, completed, failed, cancelled },
        totals: totalsOf({ totals, open }),
        nextDueAt,
        oldestQueuedAt,
        setAside,
        hasWorkers: workedAt !== null && Math.abs(at - workedAt) < WORKERS_GONE_MS,
      };
    }),
});
