import type { Durability, Forgetting } from "../durability.js";
import type { Load } from "../load/load.js";
import type { Random } from "../random.js";
import type { Stack } from "../stack/stack.js";

/** What a fault may reach. */
export interface Battlefield {
  readonly stack: Stack;
  readonly load: Load;
  readonly random: Random;
}

/** One kind of fault. */
export interface Nemesis {
  readonly name: string;
  /** What it breaks: two faults of one target never strike at once, since one's healing would end the other. */
  readonly target: "redis" | "network" | "workers" | "servers" | "clients";
  /** While it lasts nothing can reach a watcher, so no end is late. */
  readonly silences: boolean;
  /** Only a stack with a replica can be struck by it. */
  readonly needsReplica?: true;
  /** What Redis may have forgotten once it is over. @default nothing */
  readonly forgets?: (durability: Durability) => Forgetting;
  /** Strikes, lasts seconds at most, heals what it broke, and resolves then. */
  readonly strike: (field: Battlefield) => Promise<void>;
}
