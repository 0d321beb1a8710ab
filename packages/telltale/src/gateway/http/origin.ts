import type { IncomingMessage } from "node:http";
import { TelltaleError } from "../../core/index.js";
import { isLoopbackHost } from "./loopback.js";

/**
 * Whose page a request comes from: our own, one on the list, none (not a browser, or a plain GET), or a stranger's.
 * `misdirected`: it was sent to a host that is not ours, so nothing its headers say about a page counts.
 */
export type OriginVerdict = "same" | "listed" | "absent" | "refused" | "misdirected";

/**
 * Judges the Host and Origin headers: exact, case-sensitive, no patterns. Throws `invalid_config` for a list entry that no
 * browser would ever send ("https://app.example/", "*", "null").
 *
 * `onRefused` hears of each page of another site.
 *
 * While `isLoopback` says so, only this machine's own names and the hosts of the list are ours: a stranger's page whose
 * name was made to point to 127.0.0.1 (DNS rebinding) has an Origin equal to its Host, as our own pages have.
 */
export function createOriginCheck(
  origins: readonly string[],
  isLoopback: () => boolean,
  onRefused: (origin: string) => void = () => {},
): (req: IncomingMessage) => OriginVerdict {
  for (const origin of origins) {
    if (!isOrigin(origin)) throw new TelltaleError("invalid_config", `${JSON.stringify(origin)} is not an origin`);
  }
  const listed = new Set(origins);
  const hosts = new Set(origins.map((origin) => new URL(origin).host));
  return (req) => {
    const host = req.headers.host?.toLowerCase();
    if (isLoopback() && host !== undefined && !isLocal(host) && !hosts.has(host)) return "misdirected";
    const sent = req.headersDistinct.origin ?? [];
    const [origin] = sent;
    if (origin === undefined) return "absent";
    // Node keeps the first of two; a proxy in front may have judged the second.
    if (sent.length > 1) return "refused";
    if (listed.has(origin)) return "listed";
    if (!isOrigin(origin)) return "refused";
    if (new URL(origin).host === host) return "same";
    onRefused(origin);
    return "refused";
  };
}

// With any port: a tunnel or a container may publish another than we listen on.
function isLocal(host: string): boolean {
  return URL.canParse(`http://${host}`) && isLoopbackHost(new URL(`http://${host}`).hostname);
}

function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { origin, protocol } = new URL(text);
  return origin === text && (protocol === "https:" || protocol === "http:");
}
