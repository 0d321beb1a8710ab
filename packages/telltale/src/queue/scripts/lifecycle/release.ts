import { defineScript } from "../script.js";
import type { Lease } from "./claim.js";
import { settlingReply } from "./settle.js";

/** One attempt given back unrun. */
export interface Release extends Lease {
  /** How long the job waits before anybody may claim it again. @default not at all */
  readonly delayMs?: number | undefined;
}

/** Gives attempts back unrun. */
export const release = defineScript("release", {
  args: ({ items, rememberMs }: { items: readonly Release[]; rememberMs: number }, clock) => [
    clock,
    rememberMs,
    ...items.flatMap(({ id, fence, delayMs }) => [id, fence, delayMs ?? ""]),
  ],
  reply: settlingReply("queued", "scheduled", "cancelled"),
});
