import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTcpProxy, testRedis } from "@telltale/testkit";
import { expect, test } from "vitest";
import { all, told } from "./feed-story.js";
import { claimOne, harness, OUTPUT } from "./harness.js";

test("after a crash, a Redis with an append-only file loses no job, no lease and no watcher", async () => {
  const dir = await mkdtemp(join(tmpdir(), "telltale-"));
  try {
    const options = { dir, appendOnly: true, config: { appendfsync: "always" } };
    const before = await testRedis(options);
    await using proxy = await createTcpProxy({ target: { path: before.socketPath } });
    await using h = await harness(proxy.url, { positionCheckMs: 200 });
    const waiting = await h.telltale.resize.submit({ width: 1 });
    const watch = all(h.telltale.$engine.watch(waiting.id));
    const lease = await claimOne(h.scripts);
    const kept = await h.telltale.resize.submit({ width: 2 }, { idempotencyKey: "k", priority: "low" });

    await before.kill();
    await using _after = await testRedis(options);
    await completeWhenBack();

    expect(told(await watch).at(-1)).toBe("3.0 completed");
    expect((await h.telltale.resize.submit({ width: 2 }, { idempotencyKey: "k" })).id).toBe(kept.id);
    expect((await claimOne(h.scripts)).id).toBe(kept.id);

    async function completeWhenBack(): Promise<void> {
      const settle = (): Promise<void> => h.scripts.complete({ ...lease, output: OUTPUT, pending: null });
      // A worker repeats calls without a reply, which the fence makes safe.
      for (let tries = 0; tries < 20; tries++) {
        const code = await settle().then(
          () => "ok",
          (error: unknown) => Object(error).code,
        );
        if (code === "ok") return;
        expect(code).toMatch(/^(redis_unavailable|outcome_unknown)$/);
      }
    }
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
});
