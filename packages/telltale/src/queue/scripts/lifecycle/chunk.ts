import { z } from "zod";
import { LIMITS } from "../../../core/index.js";
import { defineScript } from "../script.js";
import type { Lease } from "./claim.js";

/** Consecutive pieces of streamed output. */
export interface ChunkBatch extends Lease {
  /** The number of the first piece within the attempt, from 1. */
  readonly first: number;
  /** Encoded. An empty piece stands for pieces that the worker dropped. */
  readonly pieces: readonly string[];
}

/** Appends to a running job's streamed output. */
export const chunk = defineScript("chunk", {
  args: ({ id, fence, first, pieces }: ChunkBatch, clock) => [clock, id, fence, first, LIMITS.jobChunkBytes, ...pieces],
  reply: z
    .union([z.tuple([z.literal("stored"), z.number()]), z.tuple([z.enum(["truncated", "lease_lost"])])])
    .transform(([word]) => word),
});
