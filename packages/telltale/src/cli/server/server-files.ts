import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { TelltaleError } from "../../core/index.js";

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** The folder for this user's state of all servers. */
export function stateFolder({ XDG_STATE_HOME, HOME }: NodeJS.ProcessEnv): string {
  // The XDG specification says to ignore a relative path.
  const isUsable = XDG_STATE_HOME !== undefined && isAbsolute(XDG_STATE_HOME);
  return join(isUsable ? XDG_STATE_HOME : join(HOME || homedir(), ".local", "state"), "telltale", "sessions");
}

/**
 * A file name for the server at this address. All loopback names count as one server. http and https count as different
 * servers, so that a secret that was sent in plain text is not reused over TLS.
 */
export function serverName(url: string): string {
  const { protocol, hostname, port } = parsedUrl(url);
  const isSecure = protocol === "https:" || protocol === "wss:";
  const host = LOOPBACK.test(hostname) ? "loopback" : hostname;
  return encodeURIComponent(`${isSecure ? "https" : "http"}-${host}-${port || (isSecure ? 443 : 80)}`);
}

/** Like `serverName`, for one of the tRPC endpoints of a server. */
export function endpointName(url: string): string {
  const path = parsedUrl(url).pathname.replace(/\/+$/, "");
  return serverName(url) + (path === "" || path === "/trpc" ? "" : encodeURIComponent(path));
}

function parsedUrl(url: string): URL {
  try {
    return new URL(url);
  } catch (cause) {
    throw new TelltaleError("invalid_config", "--url must be an http or https address", { cause });
  }
}
