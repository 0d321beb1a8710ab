import { z } from "zod";
import type { Quota } from "../../record/quota.js";
import { defineScript } from "../script.js";

/** The most that the account of a job to rerun may have outstanding. */
export type RerunQuota = Omit<Quota, "account">;

/** Starts a new round of a finished job. */
export const rerun = defineScript("rerun", {
  args: ({ id, round, quota }: { id: string; round: number; quota: RerunQuota | null }, clock) => [
    ...[clock, id, round],
    ...[quota?.jobs ?? "", quota?.bytes ?? ""],
  ],
  reply: z.union([
    z.tuple([z.literal("queued"), z.coerce.number().int()]),
    z.tuple([z.literal("unique_conflict"), z.string()]),
    z.tuple([z.literal("too_many"), z.enum(["jobs", "bytes"])]),
    z.tuple([z.enum(["not_finished", "not_found"])]),
  ]),
});
