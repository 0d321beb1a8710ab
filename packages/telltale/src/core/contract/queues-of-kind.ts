import type { AnyJob } from "./contract.js";

/** Returns the names of all queues in which jobs of this kind may be: the current one first, then the former ones. */
export function queuesOfKind({ queue, formerQueues }: AnyJob): string[] {
  return [queue, ...formerQueues.map(({ name }) => name)];
}
