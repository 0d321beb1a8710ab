import { existsSync, readFileSync, writeFileSync } from "node:fs";
import type { Liveness } from "telltale/worker";

const EVERY_MS = 2_000;
/** A worker claims or extends at least every 5 s. This is twice as long, plus a margin for slow moments. */
const FRESH_MS = 12_000;

/**
 * Writes the time into `file` while Redis answers the claims and lease extensions of this worker. A process that is
 * alive but takes no work does not write, nor does one whose event loop a handler blocks. Returns a function that stops
 * it. Does nothing if `file` is empty.
 */
export function keepHealthFile(file: string, liveness: () => Liveness): () => void {
  if (file === "") return () => {};
  const timer = setInterval(() => {
    const { lastClaimAt, lastExtendAt, lastBeatAt, draining } = liveness();
    // A worker that was drained claims nothing, and must not be restarted for that.
    const heardAt = Math.max(lastClaimAt ?? 0, lastExtendAt ?? 0, draining ? (lastBeatAt ?? 0) : 0);
    if (Date.now() - heardAt < FRESH_MS) writeFileSync(file, String(Date.now()));
  }, EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** Whether the file was written recently. */
export function isFresh(file: string): boolean {
  return existsSync(file) && Date.now() - Number(readFileSync(file, "utf8")) < FRESH_MS;
}
