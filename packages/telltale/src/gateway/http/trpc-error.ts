import { type AnyTRPCRouter, TRPCError } from "@trpc/server";
import { ERROR_CODES, type ErrorCode, hasCode, isErrorCode } from "../../core/index.js";
import { getErrorShape, transformTRPCResponse } from "../trpc-server.js";

/**
 * What a caller is told of something thrown outside a procedure: a TRPCError as it is, a TelltaleError by its code's
 * row, anything else as an internal error without its message, which may hold a secret.
 */
export function asTRPCError(cause: unknown): TRPCError {
  if (cause instanceof TRPCError) return cause;
  const code = telltaleCode(cause);
  if (code !== null) return new TRPCError({ code: ERROR_CODES[code].trpc, message: ERROR_CODES[code].meaning, cause });
  return new TRPCError({ code: "INTERNAL_SERVER_ERROR", message: "The request could not be set up", cause });
}

/** The code of a TelltaleError, also of one from another copy of the package; null for anything else. */
export function telltaleCode(error: unknown): ErrorCode | null {
  if (typeof error !== "object" || error === null || !("code" in error)) return null;
  return isErrorCode(error.code) && hasCode(error, error.code) ? error.code : null;
}

/** An error in the shape of the router's own answers, for a call that never reached it: over HTTP, or over a socket with an id. */
export function errorAnswer(router: AnyTRPCRouter, error: TRPCError, id?: number | string | null): unknown {
  const config = router._def._config;
  const call = { error, type: "unknown", path: undefined, input: undefined, ctx: undefined } as const;
  const answer = { error: getErrorShape({ config, ...call }) };
  return transformTRPCResponse(config, id === undefined ? answer : { id, ...answer });
}
