import type { JobPage, Jobs } from "../core/index.js";
import type { ListInput } from "../core/schemas.js";
import type { Engine } from "../queue/internal.js";
import type { Access } from "./access.js";
import type { Subject } from "./subject.js";

/** What `list` answers: one page of an application's jobs. */
export type AnyJobPage<T extends Jobs> = JobPage<keyof T & string>;

/**
 * One page of one's own jobs, or of all for an operator. Whose they are is decided here for each call, so a cursor is no
 * right to anything; what a host's own rule hides is left out of the page.
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
  const told = isOperator ? visible : visible.map(({ owner: _, ...job }) => job);
  // The engine lists kinds it has a contract for.
  return { jobs: told, cursor } as AnyJobPage<T>;
}
