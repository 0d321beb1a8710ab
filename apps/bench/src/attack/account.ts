import { createHash } from "node:crypto";

/** The secret of an anonymous account of the reference server. */
export function accountOf(name: string): string {
  return `anon_${createHash("sha256").update(name).digest("base64url")}`;
}
