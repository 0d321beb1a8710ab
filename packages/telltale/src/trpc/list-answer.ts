import type { JobPage, Jobs } from "../core/index.js";
import type { ListInput } from "../core/schemas.js";
import type { Engine } from "../queue/internal.js";
import type { Access } from "./access.js";
import type { Subject } from "./subject.js";

/** The reply of `list`: one page of an application's jobs. */
export type AnyJobPage<T extends Jobs> = JobPage<keyof T & string>;

/**
 * Returns one page of the caller's jobs, or of all jobs for an operator. Access is checked in each call, so having a cursor
 * gives no access. Leaves out jobs that the application's own rule does not let the caller watch.
 */
export async function listAnswer<T extends Jobs>(
  engine: Engine,
  access: Access,
  { input, subject }: Readonly<{ input: ListInput; subject: Subject | null }>,
): Promise<AnyJobPage<T>> {
  const owner = access.toList(subject, input.owner);
  const isOperator = subject?.operator === true;
  const query = { ...input, owner: owner ?? undefined };
  const { jobs, cursor } = await engine.find.list(query, { detail: isOperator });
  const visible = await access.visible(subject, jobs);
  const shown = isOperator ? visible : visible.map(({ owner: _, ...job }) => job);
  // The engine only lists kinds that have a contract.
  return { jobs: shown, cursor } as AnyJobPage<T>;
}
