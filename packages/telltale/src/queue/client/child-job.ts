import { LIMITS, TelltaleError } from "../../core/index.js";
import type { Engine } from "../engine.js";
import type { JobToStore } from "../record/job-to-store.js";
import type { SubmitRequest } from "../submit/submit-request.js";

/** The job whose handler submits a child. */
export interface ParentJob {
  readonly id: string;
  readonly owner: string | null;
  readonly round: number;
  readonly depth: number;
}

/**
 * Prepares the child job of a handler's call number `n`, validated but not yet stored. It has the owner of its parent, is one level
 * deeper, and has a key of its own, so that another attempt of the same round finds it. Rejects with `invalid_input` beyond
 * `LIMITS.childDepth`.
 */
export async function prepareChild(
  engine: Engine,
  parent: ParentJob,
  { n, request }: Readonly<{ n: number; request: SubmitRequest }>,
): Promise<JobToStore> {
  const depth = parent.depth + 1;
  if (depth > LIMITS.childDepth) {
    throw new TelltaleError(
      "invalid_input",
      `Job ${parent.id} descends from ${parent.depth} others and has no children`,
    );
  }
  const job = await engine.prepare({ ...request, owner: parent.owner });
  // Contains slashes, which keys of callers cannot.
  const key = `child/${parent.id}/${parent.round}/${n}`;
  return { ...job, depth, idempotencyKey: job.idempotencyKey ?? key };
}
