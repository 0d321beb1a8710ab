import { type JobPage, type Jobs, TelltaleError } from "../core/index.js";
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
  // A search would tell owners what the messages say that only operators may see.
  if (input.errorText !== undefined && !isOperator)
    throw new TelltaleError("forbidden", "Only an operator may search error messages");
  const query = { ...input, owner: owner ?? undefined };
  const { jobs, ...page } = await engine.find.list(query, { detail: isOperator });
  const visible = await access.visible(subject, jobs);
  const shown = isOperator ? visible : visible.map(({ owner: _, ...job }) => job);
  // The engine only lists kinds that have a contract.
  return { jobs: shown, ...page } as AnyJobPage<T>;
}
