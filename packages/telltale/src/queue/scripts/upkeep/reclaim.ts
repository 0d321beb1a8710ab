import { z } from "zod";
import { JOB_ERRORS } from "../../../core/index.js";
import { encode } from "../../../core/internal.js";
import type { StoredError } from "../../../core/schemas.js";
import { defineScript } from "../script.js";

const CODE = "worker_lost";
const WORKER_LOST = encode({ code: CODE, message: JOB_ERRORS[CODE] } satisfies StoredError);

/** Takes jobs back from workers whose leases ran out. */
export const reclaim = defineScript("reclaim", {
  args: ({ limit, leaseMs, rememberMs }: { limit: number; leaseMs: number; rememberMs: number }, clock) => [
    clock,
    limit,
    leaseMs,
    WORKER_LOST,
    rememberMs,
    CODE,
  ],
  reply: z
    .tuple([z.literal("reclaimed"), z.number(), z.number()])
    .transform(([, reclaimed, more]) => ({ reclaimed, more: more === 1 })),
});
