import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A temporary folder for one test. */
export interface Scratch extends AsyncDisposable {
  readonly path: string;
}

export async function scratchFolder(): Promise<Scratch> {
  const path = await mkdtemp(join(tmpdir(), "local-redis-test-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
