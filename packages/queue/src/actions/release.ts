import { defineScript } from "../script.js";
import type { Lease } from "./claim.js";
import { settlingReply } from "./settle.js";

/** Gives attempts back unrun. */
export const release = defineScript("release", {
  args: ({ leases, rememberMs }: { leases: readonly Lease[]; rememberMs: number }, clock) => [
    clock,
    rememberMs,
    ...leases.flatMap(({ id, fence }) => [id, fence]),
  ],
  reply: settlingReply("queued", "cancelled"),
});
