import { firstLine } from "./redis-error.js";

/** The event of a connection whose server turned out to be a replica. */
export const DEMOTED = "telltale:demoted";

// A replica refuses writes, and scripts that write before they run. A blocked command is unblocked when its server is demoted.
const REPLICA = /^(READONLY|MASTERDOWN|UNBLOCKED)\b/;

/**
 * Whether a command was refused because its server is a replica. After a failover with a virtual IP, a Kubernetes service or a
 * managed Redis, the address leads to the new primary, but open connections still lead to the old one. They must be opened again.
 */
export function isDemoted(error: unknown): boolean {
  return REPLICA.test(firstLine(error));
}
