import type { IncomingMessage } from "node:http";
import { TelltaleError } from "../../core/index.js";
import { isLoopbackHost } from "./loopback.js";

/**
 * The kind of page that sent a request: `same` is the gateway's own origin, `listed` is in the list, `absent` is no
 * Origin header (not a browser, or a plain GET), and `refused` is any other origin. `misdirected` means that the
 * request was sent to a host that is not the gateway's, so its Origin header proves nothing.
 */
export type OriginVerdict = "same" | "listed" | "absent" | "refused" | "misdirected";

/**
 * Checks the Host and Origin headers. Origins are compared exactly and case-sensitively, without patterns. Throws
 * `invalid_config` for a list entry that no browser sends ("https://app.example/", "*", "null").
 *
 * `onRefused` is called for each request from a page of another site.
 */
export function createOriginCheck(
  origins: readonly string[],
  isLoopback: () => boolean,
  onRefused: (origin: string) => void = () => {},
): (req: IncomingMessage) => OriginVerdict {
  for (const origin of origins) {
    if (!isOrigin(origin)) throw notAnOrigin(origin);
  }
  const listed = new Set(origins);
  const isOurs = createHostCheck(origins, isLoopback);
  return (req) => {
    if (!isOurs(req)) return "misdirected";
    const host = req.headers.host?.toLowerCase();
    const sent = req.headersDistinct.origin ?? [];
    const [origin] = sent;
    if (origin === undefined) return "absent";
    // Node uses the first of two Origin headers, but a proxy may have checked the second.
    if (sent.length > 1) return "refused";
    if (listed.has(origin)) return "listed";
    if (!isOrigin(origin)) return "refused";
    if (new URL(origin).host === host) return "same";
    onRefused(origin);
    return "refused";
  };
}

/**
 * Checks the Host header of requests that have no other check. While `isLoopback` returns true, only loopback names and
 * the hosts in the list are accepted. Otherwise a foreign page whose domain resolves to 127.0.0.1 (DNS rebinding) would
 * pass, because its Origin equals its Host.
 */
export function createHostCheck(
  origins: readonly string[],
  isLoopback: () => boolean,
): (req: IncomingMessage) => boolean {
  const hosts = new Set(origins.map((origin) => new URL(origin).host));
  return (req) => {
    const host = req.headers.host?.toLowerCase();
    return !isLoopback() || host === undefined || isLocal(host) || hosts.has(host);
  };
}

// Any port is accepted, because a tunnel or container may publish a different one.
function isLocal(host: string): boolean {
  return URL.canParse(`http://${host}`) && isLoopbackHost(new URL(`http://${host}`).hostname);
}

function notAnOrigin(text: string): TelltaleError {
  const { origin = "" } = URL.canParse(text) ? new URL(text) : {};
  const example = isOrigin(origin) ? origin : "https://app.example";
  return new TelltaleError(
    "invalid_config",
    `${JSON.stringify(text)} is not an origin: write ${JSON.stringify(example)}`,
  );
}

function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { origin, protocol } = new URL(text);
  return origin === text && (protocol === "https:" || protocol === "http:");
}
