import { TelltaleError } from "../core/index.js";
import type { RerunInput } from "../core/schemas.js";
import type { Engine, Quota } from "../queue/internal.js";
import type { Access, Credentials } from "./access.js";
import { type CallError, toCallError } from "./to-trpc-error.js";

/** The outcome for one of several jobs to rerun. */
type RerunItem = { id: string; status: "queued" } | { id: string; error: CallError };

/** The reply of `rerun`: the job, if the input was one `id`, or a list with one outcome for each of the `ids`, in order. */
export type RerunAnswer = { id: string; status: "queued" } | RerunItem[];

/** Reruns one job or several. With several, each job has its own outcome. */
export async function rerunAnswer(
  engine: Engine,
  access: Access,
  {
    input,
    by,
    onRerun,
    limits,
  }: Readonly<{
    input: RerunInput;
    by: Credentials;
    onRerun: (id: string) => void;
    /** What limits callers who are not operators. */
    limits: {
      /** Counts reruns like submits. */
      spend(reruns: number): Promise<void>;
      readonly quota: Omit<Quota, "account">;
    } | null;
  }>,
): Promise<RerunAnswer> {
  if ("id" in input) {
    await access.toJob(input.id, "operate", by);
    await limits?.spend(1);
    await engine.rerun(input.id, limits?.quota);
    onRerun(input.id);
    return { id: input.id, status: "queued" };
  }
  const refusals = new Map<string, TelltaleError>();
  await Promise.all(input.ids.map(async (id) => access.toJob(id, "operate", by).catch(refuse(id))));
  const permitted = input.ids.filter((id) => !refusals.has(id));
  if (permitted.length > 0) await limits?.spend(permitted.length);
  const rerun = await engine.rerunMany(permitted, limits?.quota);
  for (const one of rerun) if (!("error" in one)) onRerun(one.id);
  const answers = new Map(rerun.map((one) => [one.id, one]));
  return input.ids.map((id) => {
    const answer = answers.get(id);
    const error = refusals.get(id) ?? (answer && "error" in answer ? answer.error : undefined);
    return error ? { id, error: toCallError(error) } : { id, status: "queued" };
  });

  function refuse(id: string): (error: unknown) => void {
    return (error) => {
      if (!(error instanceof TelltaleError)) throw error;
      refusals.set(id, error);
    };
  }
}
