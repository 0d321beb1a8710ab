import { z } from "zod";
import { JOB_ERRORS } from "../../../core/index.js";
import { encode } from "../../../core/internal.js";
import type { StoredError } from "../../../core/schemas.js";
import { defineScript } from "../script.js";

const CODE = "worker_lost";
const WORKER_LOST = encode({ code: CODE, message: JOB_ERRORS[CODE] } satisfies StoredError);

/** Takes jobs back whose leases expired. */
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
    .tuple([z.literal("reclaimed"), z.number(), z.number(), z.array(z.string())])
    .transform(([, reclaimed, more, ended]) => ({ reclaimed, more: more === 1, ended: pairs(ended) })),
});

function pairs(flat: readonly string[]): { readonly id: string; readonly status: "failed" | "cancelled" }[] {
  return flat.flatMap((id, i) =>
    i % 2 === 0 ? [{ id, status: flat[i + 1] === "cancelled" ? ("cancelled" as const) : ("failed" as const) }] : [],
  );
}
