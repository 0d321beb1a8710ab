import { createTcpProxy, testRedis, waitFor } from "@telltale/testkit";
import { Redis } from "ioredis";
import { handle } from "telltale";
import { expect, test } from "vitest";
import { anything } from "./contracts.js";
import { deferred, harness } from "./harness.js";

test("when the primary is demoted in place, jobs are submitted, run and watched on the new one, and no job is lost", {
  timeout: 60_000,
}, async () => {
  await using failover = await twoServers();
  const on = harness(failover.address.url);
  const started = deferred();
  const release = deferred();
  const handler = handle(anything, async ({ input }) => {
    if (input.name === "across") {
      started.resolve();
      await release.promise;
    }
    return input.name;
  });
  const worker = on.work([handler], { leaseMs: 1_500 });
  const before = await on.telltale.anything.submit({ name: "before" });
  expect(await before.output()).toBe("before");
  const across = await on.telltale.anything.submit({ name: "across" });
  const watched = across.result();
  await started.promise;
  await failover.replicaHasAll();

  await failover.demote();
  // The connections to the old primary stay open. This job's lease must be extended, and it must be completed, on the new one.
  const after = await on.telltale.anything.submit({ name: "after" });
  expect(await after.output()).toBe("after");
  const demotedAt = Date.now();
  await waitFor(() => (worker.liveness.lastExtendAt ?? 0) > demotedAt);
  release.resolve();

  expect(await watched).toMatchObject({ ok: true, output: "across" });
  expect(await across.get()).toMatchObject({ status: "completed", attempt: 1 });
  expect(on.logged.filter(({ message }) => message.includes("has become a replica")).length).toBeLessThan(3);
});

test("a server that has become a replica reports that it is not ready", async () => {
  await using failover = await twoServers();
  const { telltale } = harness(failover.address.url);
  await telltale.$engine.ping();

  await failover.demote({ movesAddress: false });

  await expect(telltale.$engine.ping()).rejects.toMatchObject({ code: "redis_unavailable" });
  await expect(telltale.anything.submit({ name: "a" })).rejects.toMatchObject({ code: "redis_unavailable" });
});

/** A primary and its replica, and the address that leads to the primary. */
async function twoServers() {
  const primary = await testRedis({ config: { "repl-diskless-sync-delay": "0" } });
  const forReplica = await createTcpProxy({ target: { path: primary.socketPath } });
  const replica = await testRedis({
    config: { replicaof: `127.0.0.1 ${forReplica.port}`, "repl-diskless-sync-delay": "0" },
  });
  const back = await createTcpProxy({ target: { path: replica.socketPath } });
  const target = { path: primary.socketPath };
  const address = await createTcpProxy({ target });
  const [old, next] = [new Redis(primary.url), new Redis(replica.url)];
  for (const redis of [old, next]) redis.on("error", () => {});
  await waitFor(async () => (await next.info("replication")).includes("master_link_status:up"));
  const offsetOf = async (redis: Redis): Promise<string | undefined> =>
    /^(?:master|slave)_repl_offset:(\d+)/m.exec(await redis.info("replication"))?.[1];
  return {
    address,
    replicaHasAll: () => waitFor(async () => (await offsetOf(old)) === (await offsetOf(next))),
    /** Makes the replica the primary and the primary its replica. Connections stay open; new ones reach the new primary. */
    async demote({ movesAddress = true } = {}): Promise<void> {
      await next.replicaof("NO", "ONE");
      await old.replicaof("127.0.0.1", String(back.port));
      if (movesAddress) target.path = replica.socketPath;
    },
    async [Symbol.asyncDispose]() {
      for (const redis of [old, next]) redis.disconnect();
      await Promise.all([address, forReplica, back].map((proxy) => proxy.stop()));
      await Promise.all([primary.stop(), replica.stop()]);
    },
  };
}
