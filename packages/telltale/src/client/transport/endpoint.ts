import { TelltaleError } from "../../core/index.js";

/** Where a server's tRPC is reached. */
export interface Endpoint {
  readonly http: string;
  readonly ws: string;
}

/**
 * The addresses behind what people write: an origin (then the path is `/trpc`) or a full address, http(s) or ws(s), in a
 * browser also relative to the page. Throws `invalid_config` for anything else, and for credentials in it.
 */
export function endpointOf(url: string): Endpoint {
  const parsed = parse(url);
  if (!parsed || !/^(https?|wss?):$/.test(parsed.protocol)) throw refused(url, "is not an http address");
  if (parsed.username !== "" || parsed.password !== "") throw refused(parsed.host, "carries credentials: use `auth`");
  const path = parsed.pathname === "/" ? "/trpc" : parsed.pathname.replace(/\/+$/, "");
  const isSecure = parsed.protocol === "https:" || parsed.protocol === "wss:";
  return {
    http: `${isSecure ? "https" : "http"}://${parsed.host}${path}`,
    ws: `${isSecure ? "wss" : "ws"}://${parsed.host}${path}`,
  };
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
  return new TelltaleError("invalid_config", `The url ${JSON.stringify(what)} ${why}`);
}
