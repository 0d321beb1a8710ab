import { hostname } from "node:os";

/** The longest host name in DNS. */
const LENGTH = 253;

/** Returns the name of this machine or container, in which `-` takes the place of characters that names of workers cannot have. */
export function hostName(host = hostname()): string {
  return host.replace(/[^A-Za-z0-9._-]/g, "-").slice(0, LENGTH);
}
