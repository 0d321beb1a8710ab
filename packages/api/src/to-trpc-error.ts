import { ERROR_CODES, TelltaleError } from "@telltale/core";
import { TRPCError } from "@trpc/server";

/** A failure as tRPC carries it. Only a `TelltaleError` says what happened; anything else is an internal error. */
export function toTRPCError(error: unknown): TRPCError {
  if (error instanceof TRPCError) return error;
  if (error instanceof TelltaleError) {
    return new TRPCError({ code: ERROR_CODES[error.code].trpc, message: error.message, cause: error });
  }
  return new TRPCError({ code: "INTERNAL_SERVER_ERROR", message: "Internal error", cause: error });
}

/** Runs a call so that its failures are tRPC's. */
export async function answering<R>(call: () => Promise<R>): Promise<R> {
  try {
    return await call();
  } catch (error) {
    throw toTRPCError(error);
  }
}
