import { FAILOVER_FAULTS } from "./failover-faults.js";
import type { Nemesis } from "./nemesis.js";
import { NETWORK_FAULTS } from "./network-faults.js";
import { PROCESS_FAULTS } from "./process-faults.js";
import { REDIS_FAULTS } from "./redis-faults.js";

/** All faults. */
export const CATALOGUE: readonly Nemesis[] = [
  ...REDIS_FAULTS,
  ...FAILOVER_FAULTS,
  ...NETWORK_FAULTS,
  ...PROCESS_FAULTS,
];

/** Returns the faults with these names. Throws for an unknown name. */
export function nemesesNamed(names: readonly string[]): Nemesis[] {
  return names.map((name) => {
    const found = CATALOGUE.find((nemesis) => nemesis.name === name);
    if (found) return found;
    throw new Error(`Unknown nemesis "${name}". Known: ${CATALOGUE.map((nemesis) => nemesis.name).join(", ")}`);
  });
}
