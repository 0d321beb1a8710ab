import { getHTTPStatusCodeFromError } from "@trpc/server/http";
import type { ErrorRequestHandler } from "express";
import { ERROR_CODES, TelltaleError } from "telltale";
import { toTRPCError } from "telltale/trpc";

/** Sends errors as JSON, with the same codes as /trpc: 400 `invalid_input`, 404 `not_found`, 429 `queue_full` … */
export const answerErrors: ErrorRequestHandler = (error: unknown, _req, res, next) => {
  if (res.headersSent) {
    next(error);
    return;
  }
  const known = asTelltaleError(error);
  if (!known) {
    console.error(error);
    res.status(500).json({ error: { message: "Internal error" } });
    return;
  }
  const answer = toTRPCError(known); // its message is safe to show to clients
  if (ERROR_CODES[known.code].retry) res.setHeader("retry-after", 1);
  res
    .status(getHTTPStatusCodeFromError(answer))
    .json({ error: { code: known.code, message: answer.message, data: known.data } });
};

function asTelltaleError(error: unknown): TelltaleError | null {
  if (error instanceof TelltaleError) return error;
  if (!(error instanceof Error) || !("type" in error)) return null;
  // Errors of express.json. Their own messages quote the body.
  if (error.type === "entity.too.large") return new TelltaleError("too_large");
  if (error.type === "entity.parse.failed") return new TelltaleError("invalid_input", "The body is not JSON");
  return null;
}
