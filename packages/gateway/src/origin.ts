import type { IncomingMessage } from "node:http";
import { TelltaleError } from "@telltale/core";

/** Whose page a request comes from: our own, one on the list, none (not a browser, or a plain GET), or a stranger's. */
export type OriginVerdict = "same" | "listed" | "absent" | "refused";

/**
 * Judges the Origin header: exact, case-sensitive, no patterns. Throws `invalid_config` for a list entry that no browser
 * would ever send ("https://app.example/", "*", "null").
 */
export function createOriginCheck(origins: readonly string[]): (req: IncomingMessage) => OriginVerdict {
  for (const origin of origins) {
    if (!isOrigin(origin)) throw new TelltaleError("invalid_config", `${JSON.stringify(origin)} is not an origin`);
  }
  const listed = new Set(origins);
  return (req) => {
    const sent = req.headersDistinct.origin ?? [];
    const [origin] = sent;
    if (origin === undefined) return "absent";
    // Node keeps the first of two; a proxy in front may have judged the second.
    if (sent.length > 1) return "refused";
    if (listed.has(origin)) return "listed";
    return isOrigin(origin) && new URL(origin).host === req.headers.host?.toLowerCase() ? "same" : "refused";
  };
}

function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { origin, protocol } = new URL(text);
  return origin === text && (protocol === "https:" || protocol === "http:");
}
