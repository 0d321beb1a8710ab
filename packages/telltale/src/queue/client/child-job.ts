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
  /** The account for which the job counts as outstanding. Null for that of its owner. */
  readonly account: string | null;
}

/**
 * Validates the child job that a handler submits with its call number `n`. Does not store it. The child has the owner of its parent,
 * counts for the same account without being limited, and is one level deeper. Its idempotency key is derived from the parent, the round and `n`, so that another attempt of the same
 * round finds the child instead of creating a second one. Rejects with `invalid_input` beyond `LIMITS.childDepth`.
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
      `Job ${parent.id} cannot submit child jobs, because it is at depth ${parent.depth}, and the limit is ${LIMITS.childDepth}`,
    );
  }
  const { owner, account } = parent;
  const quota = account === null ? undefined : { account, jobs: null, bytes: null };
  const job = await engine.prepare({ ...request, owner, quota });
  // Contains slashes, which callers' keys cannot contain.
  const key = `child/${parent.id}/${parent.round}/${n}`;
  return { ...job, depth, idempotencyKey: job.idempotencyKey ?? key };
}
