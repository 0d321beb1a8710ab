import { TelltaleError } from "../../core/index.js";
import type { Quota } from "../record/quota.js";

/** The error for an account that would have more outstanding than it may. `limit` is the one that it would exceed. */
export function overQuota(limit: "jobs" | "bytes", quota: Omit<Quota, "account"> | null | undefined): TelltaleError {
  const most =
    limit === "jobs" ? `${quota?.jobs} unfinished jobs` : `unfinished jobs with ${quota?.bytes} bytes of input`;
  return new TelltaleError("too_many", `You may have at most ${most} in this queue. Wait until some have ended`);
}
