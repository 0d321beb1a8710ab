import type { Durability, Forgetting } from "../durability.js";
import type { Load } from "../load/load.js";
import type { Random } from "../random.js";
import type { Stack } from "../stack/stack.js";

/** What a fault acts on. */
export interface Battlefield {
  readonly stack: Stack;
  readonly load: Load;
  readonly random: Random;
}

/** One kind of fault. */
export interface Nemesis {
  readonly name: string;
  /** What it breaks. Two faults with one target never run at once, because healing one would end the other. */
  readonly target: "redis" | "network" | "workers" | "servers" | "clients";
  /** While it lasts, no event can reach a watcher, so no end counts as late. */
  readonly silences: boolean;
  /** Needs a stack with a replica. */
  readonly needsReplica?: true;
  /** Needs a stack with sentinels, in which the network and the primary cannot be broken in other ways. */
  readonly needsSentinels?: true;
  /** What it may make Redis forget. @default nothing */
  readonly forgets?: (durability: Durability) => Forgetting;
  /** Breaks something for some seconds at most, and resolves when it is healed. */
  readonly strike: (field: Battlefield) => Promise<void>;
}
