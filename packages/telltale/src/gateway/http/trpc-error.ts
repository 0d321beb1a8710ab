import { type AnyTRPCRouter, TRPCError } from "@trpc/server";
import { ERROR_CODES, type ErrorCode, hasCode, isErrorCode } from "../../core/index.js";
import { TRPC_CODES } from "../../core/internal.js";
import { getErrorShape, transformTRPCResponse } from "../trpc-server.js";

/**
 * Converts an error that was thrown outside a procedure into the error sent to the caller. A TRPCError is kept and a
 * TelltaleError is mapped by its code. Anything else becomes an internal error without its message, which may be
 * secret.
 */
export function asTRPCError(cause: unknown): TRPCError {
  if (cause instanceof TRPCError) return cause;
  const code = telltaleCode(cause);
  if (code !== null) return new TRPCError({ code: TRPC_CODES[code], message: ERROR_CODES[code].meaning, cause });
  return new TRPCError({ code: "INTERNAL_SERVER_ERROR", message: "The request could not be set up", cause });
}

/** The code of a TelltaleError, including one from another copy of the package, or null for other values. */
export function telltaleCode(error: unknown): ErrorCode | null {
  if (typeof error !== "object" || error === null || !("code" in error)) return null;
  return isErrorCode(error.code) && hasCode(error, error.code) ? error.code : null;
}

/**
 * The router's error response for a call that did not reach it. Calls over WebSocket have an id, calls over HTTP do
 * not.
 */
export function errorAnswer(router: AnyTRPCRouter, error: TRPCError, id?: number | string | null): unknown {
  const config = router._def._config;
  const call = { error, type: "unknown", path: undefined, input: undefined, ctx: undefined } as const;
  const answer = { error: getErrorShape({ config, ...call }) };
  return transformTRPCResponse(config, id === undefined ? answer : { id, ...answer });
}
