import { TRPCError } from "@trpc/server";
import { ERROR_CODES, type ErrorCode, TelltaleError } from "../core/index.js";

/** tRPC codes of what is wrong on our side: what happened there is for our logs. */
const OURS: ReadonlySet<string> = new Set(["SERVICE_UNAVAILABLE", "GATEWAY_TIMEOUT", "INTERNAL_SERVER_ERROR"]);

/** Whether a tRPC code says that something is wrong on our side, not with the call. */
export function isOurs(trpcCode: string): boolean {
  return OURS.has(trpcCode);
}

/** A failure as tRPC carries it. Only a `TelltaleError` says what happened; anything else is an internal error. */
export function toTRPCError(error: unknown): TRPCError {
  if (error instanceof TRPCError) return error;
  if (error instanceof TelltaleError) {
    return new TRPCError({ code: ERROR_CODES[error.code].trpc, message: publicMessage(error), cause: error });
  }
  return new TRPCError({ code: "INTERNAL_SERVER_ERROR", message: "Internal error", cause: error });
}

/** What a caller may read of an error: of Redis's troubles the fixed meaning, for the real message names its address. */
function publicMessage({ code, message }: TelltaleError): string {
  const { trpc, meaning } = ERROR_CODES[code];
  return isOurs(trpc) ? meaning : message;
}

/** Why one of many items came to nothing. */
export interface CallError {
  code: ErrorCode;
  message: string;
  data?: unknown;
}

/** A failure as an answer about many items carries it. */
export function toCallError(error: TelltaleError): CallError {
  const { code, data } = error;
  return { code, message: publicMessage(error), ...(data === undefined ? {} : { data }) };
}

/** Runs a call so that its failures are tRPC's. */
export async function answering<R>(call: () => Promise<R>): Promise<R> {
  try {
    return await call();
  } catch (error) {
    throw toTRPCError(error);
  }
}
