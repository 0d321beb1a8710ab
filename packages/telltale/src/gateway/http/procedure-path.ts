import type { IncomingMessage } from "node:http";
import { TRPCError } from "@trpc/server";

/**
 * Why the path of a call cannot be served; null for a readable one. tRPC decodes and splits it in the same way, but before
 * 11.15 has no limit for it, and before 11.22 answers 500 to an escape sequence that is none.
 */
export function pathRefusal(req: IncomingMessage, path: string, maxCalls: number): TRPCError | null {
  const decoded = decode(path);
  if (decoded === null) return new TRPCError({ code: "BAD_REQUEST", message: "The path is not URL-encoded" });
  if (!isBatch(req) || decoded.split(",", maxCalls + 1).length <= maxCalls) return null;
  return new TRPCError({ code: "BAD_REQUEST", message: `A batch holds at most ${maxCalls} calls` });
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
