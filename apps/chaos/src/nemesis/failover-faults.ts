import { setTimeout as delay } from "node:timers/promises";
import type { Durability, Forgetting } from "../durability.js";
import type { Nemesis } from "./nemesis.js";

const STALL_MS = 2_000;

// Writes that did not reach the replica are lost: jobs, or only their later transitions if submits wait for it.
const forgets = (durability: Durability): Forgetting => (durability === "replicated" ? "steps" : "jobs");

/** Faults that promote the replica. The harness does it directly, because an election would only choose the moment. */
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
  {
    name: "sentinel-failover",
    target: "redis",
    silences: true,
    needsSentinels: true,
    forgets,
    strike: ({ stack }) => stack.redis.electAnother(),
  },
  {
    name: "demote",
    target: "redis",
    silences: true,
    needsReplica: true,
    strike: ({ stack }) => stack.redis.switchOver(),
  },
];
