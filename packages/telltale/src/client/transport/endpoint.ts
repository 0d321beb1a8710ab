import { TelltaleError } from "../../core/index.js";

/** The addresses of a server's tRPC endpoint. */
export interface Endpoint {
  readonly http: string;
  readonly ws: string;
}

/**
 * Computes the addresses from an origin, to which `/trpc` is added, or from a full address. The scheme is http(s) or ws(s). In a
 * browser, the address can be relative to the page. Throws `invalid_config` for anything else, and for credentials in the address.
 */
export function endpointOf(url: string): Endpoint {
  const parsed = parse(url);
  if (!parsed && isRelative(url)) throw refused(url, "is relative to a page, and there is none here. Use a full one");
  if (!parsed || !/^(https?|wss?):$/.test(parsed.protocol))
    throw refused(url, "is not an http or ws address. Use one such as https://jobs.example");
  if (parsed.username !== "" || parsed.password !== "")
    throw refused(parsed.host, "contains credentials. Use the option `auth`");
  const path = parsed.pathname === "/" ? "/trpc" : parsed.pathname.replace(/\/+$/, "");
  const isSecure = parsed.protocol === "https:" || parsed.protocol === "wss:";
  return {
    http: `${isSecure ? "https" : "http"}://${parsed.host}${path}`,
    ws: `${isSecure ? "wss" : "ws"}://${parsed.host}${path}`,
  };
}

/**
 * Like `endpointOf`, but where there is no page, a relative address is refused only when it is used. During server-side rendering,
 * pages create clients that they do not use.
 */
export function endpointAtUse(url: string): () => Endpoint {
  if (parse(url) === null && isRelative(url)) return () => endpointOf(url);
  const endpoint = endpointOf(url);
  return () => endpoint;
}

function isRelative(url: string): boolean {
  return /^\.{0,2}\//.test(url);
}

function parse(url: string): URL | null {
  const base = typeof document === "undefined" ? undefined : document.baseURI;
  try {
    return new URL(url, base);
  } catch {
    return null;
  }
}

function refused(what: string, why: string): TelltaleError {
  // What stands before an @ may contain a password.
  return new TelltaleError("invalid_config", `The url ${JSON.stringify(what.replace(/^.*@/s, "…@"))} ${why}`);
}
