import { TRPCError } from "@trpc/server";
import { type ErrorCode, isErrorCode, type ObserverEventFields } from "../core/index.js";
import { type Observe, TRPC_CODES } from "../core/internal.js";
import { directOf, withDirect } from "./feeds/direct.js";
import { sinkOf } from "./sink.js";
import type { Subject } from "./subject.js";
import { isServerError } from "./to-trpc-error.js";

type Acted = ObserverEventFields["operator.acted"];

/** An operator's action, and what it was about. */
export type OperatorActed = Pick<Acted, "action"> & Partial<Omit<Acted, "actor">>;

/** A call of a procedure, as tRPC's middlewares see it. */
interface Call {
  readonly ctx: unknown;
  readonly path: string;
}

/** Reports the calls of a jobs router to observers. */
export interface ObservedCalls {
  /** Reports the call if it was refused. If it returned a stream, also reports a refusal while the stream runs. */
  outcome<R extends Readonly<{ ok: boolean }>>(call: Call, result: R): R;
}

/** Reports an operator's action to observers. */
export function observeActed(
  observe: Observe | undefined,
  {
    queue = null,
    id = null,
    schedule = null,
    workerName = null,
    jobs = null,
    action,
    actor,
  }: OperatorActed & Pick<Acted, "actor">,
): void {
  observe?.({ type: "operator.acted", action, actor, queue, id, schedule, workerName, jobs });
}

/** Creates a reporter of refused calls. Only needed if there are observers. */
export function observedCalls(observe: Observe, whoIs: (ctx: unknown) => Subject | null): ObservedCalls {
  function refused({ ctx, path }: Call, error: unknown): void {
    const code = refusalOf(error);
    if (code === null) return;
    const transport = sinkOf(ctx)?.transport ?? null;
    observe({ type: "call.refused", by: "router", transport, path, subject: subjectId(ctx), code, status: null });
  }

  // The application's `subject` function may throw.
  function subjectId(ctx: unknown): string | null {
    try {
      return whoIs(ctx)?.id ?? null;
    } catch {
      return null;
    }
  }

  async function* observedStream(call: Call, stream: AsyncIterable<unknown>): AsyncGenerator<unknown, void> {
    try {
      yield* stream;
    } catch (error) {
      refused(call, error);
      throw error;
    }
  }

  return {
    outcome(call, result) {
      if (!result.ok) refused(call, "error" in result ? result.error : undefined);
      const data = "data" in result ? result.data : undefined;
      if (!isStream(data)) return result;
      const stream = observedStream(call, data);
      const direct = directOf(data);
      return { ...result, data: direct ? withDirect(stream, direct) : stream };
    },
  };
}

// Returns the code of a refused call, or null for internal errors.
function refusalOf(error: unknown): ErrorCode | null {
  if (!(error instanceof TRPCError)) return null;
  const { cause } = error;
  if (typeof cause !== "object" || cause === null || !("code" in cause) || !isErrorCode(cause.code)) return null;
  return isServerError(TRPC_CODES[cause.code]) ? null : cause.code;
}

function isStream(data: unknown): data is AsyncIterable<unknown> {
  return typeof data === "object" && data !== null && Symbol.asyncIterator in data;
}
