import { createTcpProxy, waitFor } from "@telltale/testkit";
import { hasCode } from "telltale";
import { createTelltale } from "telltale/server";
import { expect, onTestFinished, vi } from "vitest";
import { silentLogger } from "../../src/core/logger.js";
import { submit } from "../../src/queue/scripts/lifecycle/submit.js";
import { claimOne, ERROR, harness, jobs, LEASE_MS, OUTPUT, test } from "./harness.js";

const input = { width: 1 };

test("after SCRIPT FLUSH, every call works as before", async ({ h }) => {
  const job = await h.telltale.resize.submit(input);
  await h.redis.script("FLUSH");
  const lease = await claimOne(h.scripts);
  await h.redis.script("FLUSH");
  await h.scripts.complete({ ...lease, output: OUTPUT, pending: null });
  await h.redis.script("FLUSH");

  expect(await job.result()).toEqual({ ok: true, output: { bytes: 7 } });
});

test("an unreachable Redis is reported as redis_unavailable, and calls work again without a restart", async ({
  server,
}) => {
  await using proxy = await createTcpProxy({ target: { path: server.socketPath } });
  await using h = await harness(proxy.url);
  proxy.refuse();
  proxy.cutAll();
  // The engine's own connection was cut at the same time.
  await new Promise((resolve) => h.redis.once("close", resolve));

  const refused = Array.from({ length: 20 }, () => h.telltale.resize.submit(input));

  for (const refusal of await Promise.allSettled(refused)) {
    expect(refusal).toMatchObject({ status: "rejected", reason: { code: "redis_unavailable" } });
  }
  proxy.pass();
  await waitFor(() =>
    h.telltale.$engine.ping().then(
      () => true,
      () => false,
    ),
  );
  await expect(h.telltale.resize.submit(input)).resolves.toBeDefined();
  expect(await h.redis.hget(`${h.prefix}:{resize}:meta`, "queued")).toBe("1");
});

test("a call without a reply is reported as outcome_unknown, because it may have been executed", async ({ server }) => {
  await using proxy = await createTcpProxy({ target: { path: server.socketPath } });
  await using h = await harness(proxy.url);
  await using direct = await harness(server.url, { prefix: h.prefix });
  await h.telltale.resize.submit(input);
  const dropped = proxy.dropReplyOnce({ containing: submit.sha });
  const lost = h.telltale.resize.submit(input);
  lost.catch(() => {
    // Checked below.
  });
  await dropped;
  proxy.refuse();
  proxy.cutAll();

  await expect(lost).rejects.toMatchObject({ code: "outcome_unknown" });
  expect(await direct.redis.hget(`${h.prefix}:{resize}:meta`, "queued")).toBe("2");
});

test("a refused repeat of a call is reported as outcome_unknown, because the first one may have been executed", async ({
  server,
}) => {
  await using proxy = await createTcpProxy({ target: { path: server.socketPath } });
  await using h = await harness(proxy.url);
  await using direct = await harness(server.url, { prefix: h.prefix });
  await h.telltale.resize.submit(input);
  const dropped = proxy.dropReplyOnce({ containing: submit.sha });
  const lost = h.telltale.resize.submit(input);
  lost.catch(() => {
    // Checked below.
  });
  await dropped;
  proxy.refuse();
  await direct.redis.config("SET", "maxmemory", "1");
  proxy.pass();

  try {
    await expect(lost).rejects.toMatchObject({ code: "outcome_unknown" });
    expect(await direct.redis.hget(`${h.prefix}:{resize}:meta`, "queued")).toBe("2");
  } finally {
    await direct.redis.config("SET", "maxmemory", "0");
  }
});

test("a script that was refused halfway is reported as outcome_unknown, because its writes remain", async ({
  h,
  server,
}) => {
  await h.redis.acl("SETUSER", "mute", "on", ">pw", "~*", "&*", "+@all");
  await using mute = await harness({ path: server.socketPath, username: "mute", password: "pw" });
  const job = await mute.telltale.resize.submit(input);
  // Start-up would refuse such a user.
  await h.redis.acl("SETUSER", "mute", "resetchannels");

  await expect(job.cancel()).rejects.toMatchObject({ code: "outcome_unknown" });
  expect(await mute.redis.hget(`${mute.prefix}:{resize}:meta`, "cancelled")).toBe("1");
});

test("a full Redis accepts no new jobs, reports or chunks, but everything else works", async ({ h }) => {
  const { telltale, scripts, clock, redis } = h;
  for (let i = 0; i < 40; i++) await telltale.resize.submit(input);
  const old = await claimOne(scripts);
  await scripts.complete({ ...old, output: OUTPUT, pending: null });
  await redis.config("SET", "maxmemory", "1");
  try {
    await expect(telltale.resize.submit(input)).rejects.toMatchObject({ code: "redis_full" });
    const [a, b, c, d] = [
      await claimOne(scripts),
      await claimOne(scripts),
      await claimOne(scripts),
      await claimOne(scripts),
    ];
    await expect(scripts.progress({ ...a, n: 1, progress: "p" })).rejects.toMatchObject({ code: "redis_full" });
    await expect(scripts.chunk({ ...a, first: 1, pieces: ["p"] })).rejects.toMatchObject({ code: "redis_full" });
    await expect(telltale.$engine.rerun(old.id)).rejects.toMatchObject({ code: "redis_full" });
    expect(await scripts.extend([a], LEASE_MS)).toEqual(["extended"]);
    await scripts.complete({ ...a, output: OUTPUT, pending: { n: 1, progress: "p" } });
    expect(await scripts.fail({ ...b, error: ERROR, retryInMs: 1, pending: null })).toBe("retrying");
    await scripts.release([c]);
    clock.advance(LEASE_MS + 1);
    expect(await scripts.reclaim(LEASE_MS)).toMatchObject({ reclaimed: 1 });
    expect(await scripts.promote()).toMatchObject({ promoted: 1 });
    expect(await scripts.cancel(c.id)).toBe("cancelled");
    expect(await telltale.$engine.find.read(d.id)).toMatchObject({ status: "retrying" });
    clock.advance(25 * 3_600_000);
    expect(await scripts.prune()).toMatchObject({ pruned: 2 });
  } finally {
    await redis.config("SET", "maxmemory", "0");
  }
  await expect(telltale.resize.submit(input)).resolves.toBeDefined();
});

test("a server that became a replica rejects calls with redis_unavailable, and works again as a primary", async ({
  h,
}) => {
  await h.redis.replicaof("127.0.0.1", "1");
  try {
    await expect(h.telltale.resize.submit(input)).rejects.toMatchObject({ code: "redis_unavailable" });
  } finally {
    await h.redis.replicaof("NO", "ONE");
  }

  await expect(h.telltale.resize.submit(input)).resolves.toBeDefined();
});

test.for(["allkeys-lru", "volatile-lru", "allkeys-random", "volatile-ttl"])(
  "a server that may evict jobs by %s is refused unless the options allow it",
  async (policy, { h }) => {
    await h.redis.config("SET", "maxmemory-policy", policy);
    try {
      await using strict = createTelltale({ jobs, redis: String(h.source), prefix: h.prefix });
      await expect(strict.$ready()).rejects.toMatchObject({ code: "unsupported_redis" });
      await using lenient = createTelltale({ jobs, redis: String(h.source), prefix: h.prefix, allowEviction: true });
      await expect(lenient.$ready()).resolves.toBeUndefined();
    } finally {
      await h.redis.config("SET", "maxmemory-policy", "noeviction");
    }
  },
);

const EVICTING = {
  code: "unsupported_redis",
  message: expect.stringMatching(
    /maxmemory-policy is allkeys-lru\. Set it to noeviction, or pass `allowEviction: true`/,
  ),
};

test("a submit to a server that may evict jobs is rejected, even if $ready was not awaited", async ({ h }) => {
  await h.redis.config("SET", "maxmemory-policy", "allkeys-lru");
  try {
    await using strict = createTelltale({ jobs, redis: String(h.source), prefix: h.prefix, logger: false });
    await expect(strict.resize.submit(input)).rejects.toMatchObject(EVICTING);
    await using lenient = createTelltale({ jobs, redis: String(h.source), prefix: h.prefix, allowEviction: true });
    await expect(lenient.resize.submit(input)).resolves.toBeDefined();
  } finally {
    await h.redis.config("SET", "maxmemory-policy", "noeviction");
  }
  expect(await h.redis.hget(`${h.prefix}:{resize}:meta`, "queued")).toBe("1");
});

test("when a server begins to evict, submits are rejected within 30 s, one log line says so, and submits work again once it is fixed", async ({
  h,
}) => {
  const told: string[] = [];
  const logger = { ...silentLogger, error: (_: unknown, message: string) => void told.push(message) };
  await using telltale = createTelltale({ jobs, redis: String(h.source), prefix: h.prefix, logger });
  await telltale.resize.submit(input);
  await h.redis.config("SET", "maxmemory-policy", "allkeys-lru");
  const now = performance.now.bind(performance);
  let aheadMs = 31_000;
  const clock = vi.spyOn(performance, "now").mockImplementation(() => now() + aheadMs);
  try {
    // The first submit after that time starts a check of the server.
    await telltale.resize.submit(input);
    const refused = () =>
      telltale.resize.submit(input).then(
        () => null,
        (error: unknown) => error,
      );
    expect(await waitFor(refused)).toMatchObject(EVICTING);
    expect(await refused()).toMatchObject(EVICTING);
    expect(told).toEqual(["submits are rejected because redis is no longer supported"]);

    await h.redis.config("SET", "maxmemory-policy", "noeviction");
    aheadMs += 1_001;

    await expect(telltale.resize.submit(input)).resolves.toBeDefined();
  } finally {
    clock.mockRestore();
    await h.redis.config("SET", "maxmemory-policy", "noeviction");
  }
});

test("after a reconnect, the server is checked again before the next submit", async ({ h }) => {
  await h.redis.config("SET", "maxmemory-policy", "allkeys-lru");
  try {
    await h.redis.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
    await waitFor(() =>
      h.telltale.resize.submit(input).then(
        () => false,
        (error: unknown) => hasCode(error, "unsupported_redis"),
      ),
    );
  } finally {
    await h.redis.config("SET", "maxmemory-policy", "noeviction");
  }
});

test("a user with the right to submit but not to run INFO or CONFIG can submit", async ({ h, server }) => {
  await h.redis.acl("SETUSER", "modest", "on", ">pw", "~*", "&*", "+@all", "-info");
  // ioredis warns on stderr that it skips its own INFO check.
  vi.spyOn(console, "warn").mockImplementation(() => {});
  onTestFinished(() => void vi.restoreAllMocks());
  const redis = { path: server.socketPath, username: "modest", password: "pw" };
  await using modest = createTelltale({ jobs, redis, prefix: h.prefix, logger: false });

  await expect(modest.resize.submit(input)).resolves.toBeDefined();
});

test.for([
  [3, "was created by a newer version of Telltale"],
  [1, "was created by an older version of Telltale"],
] as const)(
  "a queue with the key layout %i, which this version does not read, is refused",
  async ([layout, message], { h }) => {
    await h.redis.hset(`${h.prefix}:{archive}:meta`, "layout", layout);
    await using other = createTelltale({ jobs, redis: String(h.source), prefix: h.prefix });

    await expect(other.$ready()).rejects.toMatchObject({
      code: "unsupported_redis",
      message: expect.stringContaining(message),
    });
    expect(await h.redis.hget(`${h.prefix}:{archive}:meta`, "layout")).toBe(String(layout));
  },
);

test("a wrong password is reported as redis_unavailable, and the error does not contain it", async ({ h }) => {
  await h.redis.acl("SETUSER", "somebody", "on", ">right", "~*", "+@all");
  const said: unknown[] = [];
  const log = (data: unknown, message: string): void => void said.push(data, message);
  const logger = { debug: log, info: log, warn: log, error: log };
  const redis = { path: String(h.source), username: "somebody", password: "s3cret" };
  await using telltale = createTelltale({ jobs, redis, logger });

  const error = await telltale.$ready().catch((reason: unknown) => reason);

  expect(error).toMatchObject({ code: "redis_unavailable" });
  const cause = error instanceof Error ? error.cause : undefined;
  const everything = JSON.stringify([said, error, cause, String(error), String(cause), Object.entries(Object(cause))]);
  expect(everything).toContain("WRONGPASS");
  expect(everything).not.toContain("s3cret");
});

test("an error about a malformed reply contains neither payload nor arguments", async ({ h }) => {
  const job = await h.telltale.resize.submit(input, { delay: "1h" });
  await h.redis.del(`${h.prefix}:{resize}:scheduled:normal`);
  await h.redis.set(`${h.prefix}:{resize}:scheduled:normal`, "s3cret");

  const error = await h.telltale.$engine.cancel(job.id).catch((reason: unknown) => reason);

  expect(error).toMatchObject({ code: "outcome_unknown" });
  const cause = error instanceof Error ? error.cause : undefined;
  expect(JSON.stringify([error, Object.entries(Object(cause)), String(cause)])).not.toContain("s3cret");
});

test("all processes on one Redis share one secret", async ({ h }) => {
  await using other = createTelltale({ jobs, redis: String(h.source), prefix: h.prefix });

  const secrets = await Promise.all([h.telltale.$engine.secret(), other.$engine.secret(), h.telltale.$engine.secret()]);

  expect(new Set(secrets).size).toBe(1);
  expect(secrets[0]).toMatch(/^[A-Za-z0-9_-]{43}$/);
});
