import type { IncomingMessage } from "node:http";
import { TRPCError } from "@trpc/server";

/**
 * Returns the error for a call whose path is malformed or has too many calls, or null. tRPC decodes and splits the path
 * in the same way, but has no limit before 11.15, and responds with 500 to an invalid escape sequence before 11.22.
 */
export function pathRefusal(req: IncomingMessage, path: string, maxCalls: number): TRPCError | null {
  const decoded = decode(path);
  if (decoded === null) return new TRPCError({ code: "BAD_REQUEST", message: "The path is not URL-encoded" });
  if (callCount(req, decoded) <= maxCalls) return null;
  return new TRPCError({ code: "BAD_REQUEST", message: `A batch holds at most ${maxCalls} calls` });
}

/** The number of calls in a request. */
export function callCount(req: IncomingMessage, path: string): number {
  // An encoded comma separates calls as well.
  return isBatch(req) ? path.split(/,|%2c/i).length : 1;
}

function isBatch(req: IncomingMessage): boolean {
  return new URL(req.url ?? "", "http://localhost").searchParams.get("batch") === "1";
}

function decode(path: string): string | null {
  try {
    return decodeURIComponent(path);
  } catch {
    return null;
  }
}
