import { z } from "zod";
import { JOB_STATUSES } from "../../../core/index.js";
import { defineScript } from "../script.js";

/** Reads lines of a job's log, starting with the first one whose number is at least `from`. */
export const readLog = defineScript("read-log", {
  args: ({ id, from, limit }: Readonly<{ id: string; from: number; limit: number }>) => [id, from, limit],
  reply: z.union([
    z.tuple([z.enum(JOB_STATUSES), z.array(z.string())]).transform(([status, lines]) => ({ status, lines })),
    z.tuple([z.literal("not_found")]).transform(() => null),
  ]),
});
