import { TelltaleError } from "../../core/index.js";
import type { OpenQueue } from "../open-queues.js";
import type { JobToStore } from "../record/job-to-store.js";
import type { QueueScripts } from "../scripts/queue-scripts.js";
import type { Submitted } from "./submitter.js";

/**
 * Looks for a job in the former queues of its kind before it is stored in the current one. Returns the job that holds its idempotency
 * key there, or null. Rejects with `idempotency_conflict` or `unique_conflict` like a submit.
 */
export async function findInFormer(queues: readonly OpenQueue[], job: JobToStore): Promise<Submitted | null> {
  if (job.idempotencyKey === undefined && job.uniqueKey === undefined) return null;
  const [current, ...former] = queues;
  const replies = await Promise.all(former.map(({ scripts }) => scripts.findExisting(job)));
  // As in one queue, the idempotency key counts before the unique key.
  for (const reply of replies) {
    if (reply[0] === "existing") return { id: reply[1], status: reply[2], created: false };
    if (reply[0] === "idempotency_conflict") throw conflict(reply);
  }
  const unique = replies.find((reply) => reply[0] === "unique_conflict");
  if (unique?.[0] !== "unique_conflict") return null;
  // If the current queue has the job, the submit returns it.
  const here = await current?.scripts.findExisting(job);
  if (here?.[0] === "existing" || here?.[0] === "idempotency_conflict") return null;
  throw conflict(unique);
}

function conflict([code, id]: readonly ["idempotency_conflict" | "unique_conflict", string]): TelltaleError {
  return new TelltaleError(code, undefined, { data: { id } });
}

/**
 * Checks before a rerun that no job in another queue of its kind holds its unique key. Rejects with `unique_conflict` if there is one.
 */
export async function checkUniqueElsewhere(
  queues: readonly OpenQueue[],
  { id, scripts }: Readonly<{ id: string; scripts: QueueScripts }>,
): Promise<void> {
  const others = queues.filter((queue) => queue.scripts !== scripts);
  const scope = others.length > 0 ? await scripts.uniqueScope(id) : null;
  if (scope === null) return;
  for (const holder of await Promise.all(others.map((queue) => queue.scripts.uniqueHolder(scope)))) {
    if (holder !== null && holder !== id)
      throw new TelltaleError("unique_conflict", undefined, { data: { id: holder } });
  }
}
