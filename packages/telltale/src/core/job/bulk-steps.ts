import type { BulkOptions, BulkProgress } from "./bulk.js";

/** Takes steps until the last one, or until the signal aborts. */
export async function* bulkSteps(
  step: (cursor: string | undefined) => Promise<BulkProgress>,
  { cursor: first, signal }: Pick<BulkOptions, "cursor" | "signal">,
): AsyncGenerator<BulkProgress, void, undefined> {
  let cursor: string | null | undefined = first;
  while (cursor !== null && !signal?.aborted) {
    const progress: BulkProgress = await step(cursor);
    yield progress;
    cursor = progress.cursor;
  }
}
