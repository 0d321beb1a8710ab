import type { TRPCError } from "@trpc/server";
import type { Logger } from "../core/index.js";
import { telltaleCode } from "./http/trpc-error.js";

const MAX_FRAMES = 12;
const MAX_PATH = 100;

/**
 * Logs an error of a call, with level error if the server is at fault and debug otherwise. Logs the message of a
 * `TelltaleError`, and of other errors only the stack frames, because messages of drivers and validators quote their input.
 */
export function reportCallError(
  logger: Logger,
  call: Readonly<{ error: TRPCError; path?: string | undefined; type: string }>,
): void {
  const { error, type } = call;
  const { cause } = error;
  const data = {
    code: error.code,
    telltale: telltaleCode(cause),
    type,
    path: call.path?.slice(0, MAX_PATH),
  };
  if (error.code !== "INTERNAL_SERVER_ERROR" || isConnectionFault(cause)) {
    logger.debug(data, "a call failed");
    return;
  }
  const why =
    data.telltale === null
      ? { error: cause?.name ?? error.name, frames: frames(cause ?? error) }
      : { error: cause?.message };
  logger.error({ ...data, ...why }, "a call failed unexpectedly");
}

// Errors that a client causes on its own connection: protocol violations (WS_ERR_… in ws), resets, broken pipes.
function isConnectionFault(cause: unknown): boolean {
  if (typeof cause !== "object" || cause === null || !("code" in cause) || typeof cause.code !== "string") return false;
  return cause.code.startsWith("WS_ERR_") || ["ECONNRESET", "EPIPE", "ERR_STREAM_PREMATURE_CLOSE"].includes(cause.code);
}

function frames(error: Error): string[] {
  const lines = (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  return lines.slice(0, MAX_FRAMES).map((line) => line.trim());
}
