import { FAILOVER_FAULTS } from "./failover-faults.js";
import type { Nemesis } from "./nemesis.js";
import { NETWORK_FAULTS } from "./network-faults.js";
import { PROCESS_FAULTS } from "./process-faults.js";
import { REDIS_FAULTS } from "./redis-faults.js";

/** Every fault there is. */
export const CATALOGUE: readonly Nemesis[] = [
  ...REDIS_FAULTS,
  ...FAILOVER_FAULTS,
  ...NETWORK_FAULTS,
  ...PROCESS_FAULTS,
];

/** The faults of these names. Throws for one there is none of. */
export function nemesesNamed(names: readonly string[]): Nemesis[] {
  return names.map((name) => {
    const found = CATALOGUE.find((nemesis) => nemesis.name === name);
    if (found) return found;
    throw new Error(`There is no nemesis "${name}": ${CATALOGUE.map((nemesis) => nemesis.name).join(", ")}`);
  });
}
