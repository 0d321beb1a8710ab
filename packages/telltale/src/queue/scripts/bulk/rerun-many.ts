import { z } from "zod";
import { filterArg, type Wanted } from "../../record/filter-arg.js";
import type { RerunQuota } from "../lifecycle/rerun.js";
import { defineScript } from "../script.js";

/** A finished job, and the round that has ended. */
export interface EndedRound {
  readonly id: string;
  readonly round: number;
}

/** Reruns many jobs. The reply may cover only the first of them. */
export const rerunMany = defineScript("rerun-many", {
  args: ({ jobs, wanted, quota }: { jobs: readonly EndedRound[]; wanted: Wanted; quota: RerunQuota | null }, clock) => [
    ...[clock, quota?.jobs ?? "", quota?.bytes ?? "", filterArg(wanted)],
    ...jobs.flatMap(({ id, round }) => [id, round]),
  ],
  reply: z
    .tuple(
      [z.literal("done")],
      z.enum(["queued", "unique_conflict", "too_many", "not_finished", "changed", "gone", "unreadable"]),
    )
    .transform(([, ...words]) => words),
});
