import { TRPCError } from "@trpc/server";
import { ERROR_CODES, type ErrorCode, TelltaleError } from "../core/index.js";
import { TRPC_CODES } from "../core/internal.js";

/** tRPC codes of errors on the server's side. Callers do not get their details. */
const SERVER_ERRORS: ReadonlySet<string> = new Set(["SERVICE_UNAVAILABLE", "GATEWAY_TIMEOUT", "INTERNAL_SERVER_ERROR"]);

/** Whether a tRPC code means that the server failed, rather than that the call was wrong. */
export function isServerError(trpcCode: string): boolean {
  return SERVER_ERRORS.has(trpcCode);
}

/**
 * Converts an error to a `TRPCError`, for procedures of your own that use Telltale. A `TelltaleError` becomes its `cause`; any
 * other error becomes `INTERNAL_SERVER_ERROR`, without its message.
 */
export function toTRPCError(error: unknown): TRPCError {
  if (error instanceof TRPCError) return error;
  if (error instanceof TelltaleError) {
    return new TRPCError({ code: TRPC_CODES[error.code], message: publicMessage(error), cause: error });
  }
  return new TRPCError({ code: "INTERNAL_SERVER_ERROR", message: "Internal error", cause: error });
}

/**
 * Returns the message for callers. For errors on the server's side it is a fixed text, because their message may contain
 * Redis's address.
 */
function publicMessage({ code, message }: TelltaleError): string {
  return isServerError(TRPC_CODES[code]) ? ERROR_CODES[code].meaning : message;
}

/** The error of one item, in a reply about several items. */
export interface CallError {
  code: ErrorCode;
  message: string;
  data?: unknown;
}

/** Converts the error of one item, for a reply about several items. */
export function toCallError(error: TelltaleError): CallError {
  const { code, data } = error;
  return { code, message: publicMessage(error), ...(data === undefined ? {} : { data }) };
}

/** Runs a call and converts its errors with `toTRPCError`. */
export async function answering<R>(call: () => Promise<R>): Promise<R> {
  try {
    return await call();
  } catch (error) {
    throw toTRPCError(error);
  }
}
