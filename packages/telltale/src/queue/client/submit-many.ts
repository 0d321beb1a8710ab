import { setImmediate } from "node:timers/promises";
import { hasCode, type SubmitOutcome, TelltaleError } from "../../core/index.js";
import { atIndex } from "../../core/internal.js";
import type { Engine } from "../engine.js";
import type { JobToStore } from "../record/job-to-store.js";
import type { SubmitRequest } from "../submit/submit-request.js";
import type { Submitted } from "../submit/submitter.js";

// As many as the submitter keeps in flight (4 calls of 50 jobs). More would only wait in memory, encoded.
const AT_ONCE = 200;
// Validated jobs are kept in memory up to this total size. The others are encoded and validated again when they are sent, so that a
// hundred thousand jobs of 256 KB are not in memory twice.
const KEPT_LENGTH = 32 * 1024 * 1024;
const CHECKS_A_TURN = 100;

/**
 * Implements `ServerJobClient.submitMany`: validates all jobs, then stores them in order. If one is invalid, nothing is written, and
 * the call rejects with its error and its `index` in `data`.
 */
export async function submitMany<I>(
  engine: Engine,
  given: readonly I[],
  toRequest: (item: I) => SubmitRequest,
): Promise<SubmitOutcome<Submitted>[]> {
  // A copy, in case the caller changes the array during the call.
  const items = [...given];
  const ready = await prepareAll(engine, items, toRequest);
  const outcomes: SubmitOutcome<Submitted>[] = [];
  // After this error, the remaining items are not sent.
  let fatal: TelltaleError | null = null;

  // All senders share one iterator, so that each takes the next item.
  const entries = items.entries();
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, storeNext));
  return outcomes;

  async function storeNext(): Promise<void> {
    for (const [index, item] of entries) outcomes[index] = await storeOne(index, item);
  }

  async function storeOne(index: number, item: I): Promise<SubmitOutcome<Submitted>> {
    if (fatal) return { ok: false, error: fatal };
    let job: JobToStore | null | undefined = ready[index];
    ready[index] = null;
    try {
      job ??= await engine.prepare(toRequest(item));
      return { ok: true, job: await engine.store(job) };
    } catch (error) {
      if (!(error instanceof TelltaleError)) throw error;
      if (hasCode(error, "redis_unavailable") || hasCode(error, "closed")) fatal ??= error;
      if (!job || !hasCode(error, "outcome_unknown")) return { ok: false, error };
      const { code, message, cause } = error;
      return { ok: false, error: new TelltaleError(code, message, { data: { id: job.id }, cause }) };
    }
  }
}

async function prepareAll<I>(
  engine: Engine,
  items: readonly I[],
  toRequest: (item: I) => SubmitRequest,
): Promise<(JobToStore | null)[]> {
  const ready: (JobToStore | null)[] = [];
  let length = 0;
  for (const [index, item] of items.entries()) {
    try {
      const job = await engine.prepare(toRequest(item));
      length += job.input.length;
      ready.push(length <= KEPT_LENGTH ? job : null);
    } catch (error) {
      throw atIndex(index, error);
    }
    // Validation blocks the event loop, so it pauses regularly.
    if (index % CHECKS_A_TURN === CHECKS_A_TURN - 1) await setImmediate();
  }
  return ready;
}
