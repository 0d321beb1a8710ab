import { setTimeout as delay } from "node:timers/promises";
import type { Battlefield, Nemesis } from "./nemesis.js";

async function repeatedly(times: number, everyMs: number, act: () => Promise<unknown>): Promise<void> {
  for (let time = 0; time < times; time++) {
    await act();
    await delay(everyMs);
  }
}

async function killClients({ stack }: Battlefield, type: "normal" | "pubsub"): Promise<void> {
  const link = await stack.redis.link();
  // SKIPME spares the harness's own connection, which is a normal client too.
  await repeatedly(8, 200, () => link.send("CLIENT", "KILL", "TYPE", type, "SKIPME", "yes"));
}

/** Faults of Redis itself. */
export const REDIS_FAULTS: readonly Nemesis[] = [
  {
    name: "redis-kill",
    target: "redis",
    silences: true,
    forgets: (durability) => (durability === "none" ? "jobs" : "nothing"),
    strike: async ({ stack, random }) => {
      await stack.redis.kill();
      await delay(random.between(0, 800));
      await stack.redis.restart();
    },
  },
  {
    name: "power-loss",
    target: "redis",
    silences: true,
    // A replica does not help: it follows the primary, which comes back with less data.
    forgets: (durability) => (durability === "always" ? "nothing" : "jobs"),
    strike: async ({ stack, random }) => {
      await stack.redis.losePower(random.next());
      await delay(random.between(0, 800));
      await stack.redis.restart();
      await stack.redis.rewriteLog();
    },
  },
  {
    name: "redis-stop",
    target: "redis",
    silences: true,
    strike: async ({ stack }) => {
      const { pid } = stack.redis;
      process.kill(pid, "SIGSTOP");
      await delay(2_000);
      process.kill(pid, "SIGCONT");
    },
  },
  {
    name: "redis-pause",
    target: "redis",
    silences: true,
    strike: async ({ stack }) => {
      const link = await stack.redis.link();
      await link.send("CLIENT", "PAUSE", "1500", "WRITE");
      await delay(1_500);
    },
  },
  {
    name: "permissions-revoked",
    target: "redis",
    silences: true,
    strike: async ({ stack, random }) => {
      const link = await stack.redis.link();
      const user = random.pick(["server", "worker"]);
      await link.send("ACL", "SETUSER", user, "resetchannels", "-evalsha");
      await delay(2_000);
      await link.send("ACL", "SETUSER", user, "&telltale:{*", "+evalsha");
    },
  },
  { name: "client-kill-normal", target: "redis", silences: false, strike: (field) => killClients(field, "normal") },
  { name: "client-kill-pubsub", target: "redis", silences: false, strike: (field) => killClients(field, "pubsub") },
  {
    name: "script-flush",
    target: "redis",
    silences: false,
    strike: async ({ stack }) => {
      const link = await stack.redis.link();
      await repeatedly(40, 50, () => link.send("SCRIPT", "FLUSH", "SYNC"));
    },
  },
  {
    name: "redis-full",
    target: "redis",
    silences: false,
    strike: async ({ stack }) => {
      const link = await stack.redis.link();
      await link.send("CONFIG", "SET", "maxmemory", "1");
      await delay(2_000);
      await link.send("CONFIG", "SET", "maxmemory", "0");
    },
  },
  {
    name: "redis-rewrite",
    target: "redis",
    silences: false,
    strike: async ({ stack }) => {
      const link = await stack.redis.link();
      await link.send("CONFIG", "SET", "slowlog-log-slower-than", "0");
      // Redis refuses it while a rewrite is in progress, which serves the same purpose.
      await repeatedly(3, 400, () => link.send("BGREWRITEAOF").catch(() => {}));
      await link.send("CONFIG", "SET", "slowlog-log-slower-than", "10000");
    },
  },
];
