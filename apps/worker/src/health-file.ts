import { existsSync, readFileSync, writeFileSync } from "node:fs";
import type { Liveness } from "telltale/worker";

const EVERY_MS = 2_000;
/** A worker claims or extends at least every 5 s; twice that and a little, so that a slow moment is no failure. */
const FRESH_MS = 12_000;

/**
 * Writes the time into `file` as long as Redis answers what this worker asks. A process that lives and takes no work does not, nor one
 * whose handlers block it. Answers a function that ends it; does nothing where no file is named.
 */
export function keepHealthFile(file: string, liveness: () => Liveness): () => void {
  if (file === "") return () => {};
  const timer = setInterval(() => {
    const { lastClaimAt, lastExtendAt } = liveness();
    if (Date.now() - Math.max(lastClaimAt ?? 0, lastExtendAt ?? 0) < FRESH_MS) writeFileSync(file, String(Date.now()));
  }, EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** Whether the file was written lately. */
export function isFresh(file: string): boolean {
  return existsSync(file) && Date.now() - Number(readFileSync(file, "utf8")) < FRESH_MS;
}
