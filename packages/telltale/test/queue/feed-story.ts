import { changeRecord } from "@telltale/testkit";
import type { JobUpdate } from "../../src/queue/watch/job-update.js";
import { claimOne, ERROR, type Harness, OUTPUT } from "./harness.js";

/** A watcher's events in a form that is easy to compare: `3.0 completed`, with `!` for a reset. */
export function told(updates: readonly JobUpdate[]): string[] {
  return updates.map(({ position, status, reset }) => `${position.seq}.${position.rev} ${status}${reset ? "!" : ""}`);
}

/** Reads a watch to its end. */
export async function all<T>(feed: AsyncIterable<T>): Promise<T[]> {
  const told: T[] = [];
  for await (const one of feed) told.push(one);
  return told;
}

/** Runs a queued job through a number of failing attempts and completes the last. */
export async function runThrough(h: Harness, failures: number): Promise<void> {
  for (let attempt = 0; attempt < failures; attempt++) {
    const lease = await claimOne(h.scripts);
    await h.scripts.fail({ ...lease, error: ERROR, retryInMs: 100, pending: null });
    h.clock.advance(101);
    await h.scripts.promote();
  }
  h.clock.advance(1);
  await h.scripts.complete({ ...(await claimOne(h.scripts)), output: OUTPUT, pending: null });
  h.clock.advance(1);
}

/** Submits a job with many attempts. */
export async function submitPersistent(h: Harness): Promise<string> {
  const { id } = await h.telltale.resize.submit({ width: 1 });
  await changeRecord(h.redis, `${h.prefix}:{resize}:job:${id}`, { attempts: 99 });
  h.clock.advance(1);
  return id;
}
