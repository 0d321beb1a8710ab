import { TRPCError } from "@trpc/server";
import { ERROR_CODES, type ErrorCode, TelltaleError } from "../core/index.js";

/** tRPC codes of errors on the server's side. Their details belong in the server's log. */
const OURS: ReadonlySet<string> = new Set(["SERVICE_UNAVAILABLE", "GATEWAY_TIMEOUT", "INTERNAL_SERVER_ERROR"]);

/** Whether a tRPC code means that the server failed, and not that the call was wrong. */
export function isOurs(trpcCode: string): boolean {
  return OURS.has(trpcCode);
}

/** Converts an error to a `TRPCError`. Anything but a `TelltaleError` becomes an internal error. */
export function toTRPCError(error: unknown): TRPCError {
  if (error instanceof TRPCError) return error;
  if (error instanceof TelltaleError) {
    return new TRPCError({ code: ERROR_CODES[error.code].trpc, message: publicMessage(error), cause: error });
  }
  return new TRPCError({ code: "INTERNAL_SERVER_ERROR", message: "Internal error", cause: error });
}

/** The message that callers get. For problems with Redis that is a fixed text, because the real message contains its address. */
function publicMessage({ code, message }: TelltaleError): string {
  const { trpc, meaning } = ERROR_CODES[code];
  return isOurs(trpc) ? meaning : message;
}

/** The error of one of several items. */
export interface CallError {
  code: ErrorCode;
  message: string;
  data?: unknown;
}

/** Converts an error for a reply about several items. */
export function toCallError(error: TelltaleError): CallError {
  const { code, data } = error;
  return { code, message: publicMessage(error), ...(data === undefined ? {} : { data }) };
}

/** Runs a call, and converts its errors to errors of tRPC. */
export async function answering<R>(call: () => Promise<R>): Promise<R> {
  try {
    return await call();
  } catch (error) {
    throw toTRPCError(error);
  }
}
