import { isIP } from "node:net";

/** Whether a host name or address (an IPv6 one with or without brackets) is this machine's own, reached by nobody else. */
export function isLoopbackHost(host: string): boolean {
  return host === "localhost" || host === "::1" || host === "[::1]" || (isIP(host) === 4 && host.startsWith("127."));
}
