import { LIMITS } from "../../../core/index.js";
import { listOf, oneOf } from "../checked-reply.js";
import { defineScript } from "../script.js";
import type { Lease } from "./claim.js";
import { leaseArgument } from "./settle.js";

/** Consecutive pieces of one job's streamed output. */
export interface ChunkBatch extends Lease {
  /** The number of the first piece within the attempt, from 1. */
  readonly first: number;
  /** Encoded. An empty piece stands for pieces that the worker dropped. */
  readonly pieces: readonly string[];
}

const APPENDED = ["stored", "truncated", "lease_lost"] as const;
export type Appended = (typeof APPENDED)[number];

/** Appends to running jobs' streamed output. */
export const chunk = defineScript("chunk", {
  args: (batches: readonly ChunkBatch[], clock) => [
    clock,
    LIMITS.jobChunkBytes,
    ...batches.flatMap((batch) => [leaseArgument(batch), batch.first, batch.pieces.length, ...batch.pieces]),
  ],
  reply: listOf((word) => oneOf(APPENDED, word)),
});
