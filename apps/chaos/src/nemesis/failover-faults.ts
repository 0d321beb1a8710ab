import { setTimeout as delay } from "node:timers/promises";
import type { Durability, Forgetting } from "../durability.js";
import type { Nemesis } from "./nemesis.js";

const STALL_MS = 2_000;

// What no replica was waited for with may be gone: the jobs, or where submits wait, what was done to them since.
const forgets = (durability: Durability): Forgetting => (durability === "replicated" ? "steps" : "jobs");

/** How a replica comes to be the primary. By script: an election would only choose the moment. */
export const FAILOVER_FAULTS: readonly Nemesis[] = [
  {
    name: "failover",
    target: "redis",
    silences: true,
    needsReplica: true,
    forgets,
    strike: ({ stack, random }) => stack.redis.failOver(random.between(50, 500)),
  },
  {
    name: "failover-stalled",
    target: "redis",
    silences: true,
    needsReplica: true,
    forgets,
    strike: async ({ stack, random }) => {
      stack.redis.stallReplication();
      await delay(STALL_MS);
      await stack.redis.failOver(random.between(50, 500));
    },
  },
];
