import { isIP } from "node:net";

/** Whether a host name or address is loopback. IPv6 addresses may have brackets. */
export function isLoopbackHost(host: string): boolean {
  return host === "localhost" || host === "::1" || host === "[::1]" || (isIP(host) === 4 && host.startsWith("127."));
}
