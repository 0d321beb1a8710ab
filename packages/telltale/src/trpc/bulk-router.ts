import type { initTRPC } from "@trpc/server";
import { type BulkProgress, TelltaleError } from "../core/index.js";
import { BulkInput } from "../core/schemas.js";
import type { Engine, Quota } from "../queue/internal.js";
import type { Access } from "./access.js";
import type { CallName } from "./limits/call-costs.js";
import type { OperatorActed } from "./observed-calls.js";
import type { Subject } from "./subject.js";
import { parseWire } from "./submit-input.js";
import { answering } from "./to-trpc-error.js";

/** The builder of a tRPC router, whatever the context. */
type Builder = ReturnType<ReturnType<typeof initTRPC.context<object>>["create"]>;

/** What limits the reruns of callers who are not operators. */
interface RerunLimits {
  readonly quota: Omit<Quota, "account">;
  /** Counts reruns like submits. */
  spend(reruns: number): Promise<void>;
}

/** Creates the procedure `bulk.step`: one step of an action on all jobs that match a filter. */
// The return type is inferred, like that of the router that contains it.
export function bulkRouter(
  t: Builder,
  {
    procedureOf,
    engine,
    access,
    subject,
    acted,
    limits,
  }: Readonly<{
    /** Returns the application's procedure, with the limits of this call. */
    procedureOf: (name: CallName) => Builder["procedure"];
    engine: Engine;
    access: Access;
    subject: (ctx: unknown) => Subject | null;
    /** Reports an operator's action to observers. */
    acted: (ctx: unknown, action: OperatorActed) => void;
    /** Null for operators. */
    limits: (ctx: unknown) => RerunLimits | null;
  }>,
) {
  return t.router({
    step: procedureOf("bulk.step")
      .input((raw: unknown) => parseWire(BulkInput, raw))
      .mutation(({ ctx, input }) =>
        answering(async (): Promise<BulkProgress> => {
          const who = subject(ctx);
          await access.toBulk(who, input.filter.kind ?? null);
          if (input.filter.errorText !== undefined && !who?.operator)
            throw new TelltaleError("forbidden", "Only an operator may search error messages");
          const limited = input.action === "rerun" ? limits(ctx) : null;
          return engine.bulk.step(input, {
            quota: limited?.quota,
            permitted: (jobs) => access.operable(who, jobs),
            before: async (jobs) => limited?.spend(jobs),
            after: (jobs) => acted(ctx, { action: `bulk.${input.action}`, queue: input.filter.queue ?? null, jobs }),
          });
        }),
      ),
  });
}
