import type { ConnectionOptions } from "./connection-options.js";

/** Returns the address of a connection for logs: host and port, or the path of a socket, without user name and password. */
export function addressOf({ host, port, path, sentinels }: ConnectionOptions): string {
  if (path !== undefined) return path;
  if (sentinels) return sentinels.map((one) => `${one.host ?? "127.0.0.1"}:${one.port ?? 26_379}`).join(",");
  return `${host ?? "127.0.0.1"}:${port ?? 6_379}`;
}
