import { z } from "zod";
import { MaybeWhole, Whole } from "../reply-fields.js";
import { defineScript } from "../script.js";

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
      Whole,
      Whole,
      Whole,
      Whole,
      Whole,
      Whole,
      Whole,
    ])
    .transform(([, at, paused, nextDueAt, oldestQueuedAt, setAside, ...counts]) => {
      const [scheduled, queued, running, retrying, completed, failed, cancelled] = counts;
      return {
        at,
        paused: paused === 1,
        jobs: { scheduled, queued, running, retrying, completed, failed, cancelled },
        nextDueAt,
        oldestQueuedAt,
        setAside,
      };
    }),
});
