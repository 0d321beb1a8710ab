import { createTcpProxy, waitFor } from "@telltale/testkit";
import { expect } from "vitest";
import { NO_LIMITS } from "../../src/queue/record/queue-limits.js";
import { claim } from "../../src/queue/scripts/lifecycle/claim.js";
import { complete } from "../../src/queue/scripts/lifecycle/complete.js";
import { recorder } from "../observer/recorder.js";
import { all, runThrough, submitPersistent, told } from "./feed-story.js";
import { claimOne, type Harness, harness, LEASE_MS, OUTPUT, test } from "./harness.js";
import { silently } from "./silently.js";

const feedOf = (h: Harness, id: string): string => `${h.prefix}:{resize}:feed:${id}`;

async function subscribed(h: Harness, channel: string): Promise<void> {
  await waitFor(async () => Number((await h.redis.pubsub("NUMSUB", channel))[1]) > 0);
}

/** Checks that the events contain every transition once, in order. */
function expectGapless(seen: readonly string[], last: number): void {
  const transitions = seen.filter((line) => line.includes(".0 ")).map((line) => Number.parseInt(line, 10));
  expect(transitions).toEqual(Array.from({ length: last }, (_, i) => i + 1));
}

test("watchers miss no event while their connection is killed again and again", async ({ h }) => {
  const ids = [];
  for (let i = 0; i < 10; i++) ids.push(await submitPersistent(h));
  const watches = ids.map((id) => all(h.telltale.$engine.watch(id)));
  let killing = true;
  const killer = (async () => {
    while (killing) {
      await h.redis.call("CLIENT", "KILL", "TYPE", "pubsub");
      await h.redis.blpop(`${h.prefix}:never`, 0.02);
    }
  })();

  for (let i = 0; i < ids.length; i++) await runThrough(h, 3);
  killing = false;
  await killer;

  for (const [i, watch] of watches.entries()) {
    const job = await h.telltale.$engine.find.read(ids[i] ?? "");
    expectGapless(told(await watch), job?.seq ?? 0);
  }
});

test("the position check finds an end event whose message was lost", async ({ server }) => {
  const { observer, of } = recorder();
  await using h = await harness(server.url, { positionCheckMs: 100, observer });
  const job = await h.telltale.resize.submit({ width: 1 });
  const lease = await claimOne(h.scripts);
  const watch = all(h.telltale.$engine.watch(job.id));
  await subscribed(h, feedOf(h, job.id));
  await waitFor(() => h.telltale.$engine.hub.load.watchers === 1);

  await silently(h, complete, { items: [{ ...lease, output: OUTPUT, pending: null }], rememberMs: 1_000 });

  expect(told(await watch)).toEqual(["1.0 queued", "2.0 running", "3.0 completed"]);
  expect(of("watch.repaired")).toMatchObject([{ id: job.id, cause: "position_check", updates: 1 }]);
});

test("when a message in the middle was lost, the next one makes the watcher read what is missing", async ({
  server,
}) => {
  const { observer, of } = recorder();
  await using h = await harness(server.url, { observer });
  const job = await h.telltale.resize.submit({ width: 1 });
  const watch = h.telltale.$engine.watch(job.id);
  await watch.next();
  await subscribed(h, feedOf(h, job.id));
  const request = { loop: "l", request: "r", room: 1, leaseMs: LEASE_MS };
  await silently(h, claim, { ...request, limits: NO_LIMITS, rememberMs: 1_000 });

  await h.scripts.complete({ id: job.id, fence: 1, output: OUTPUT, pending: null });

  expect(told(await all(watch))).toEqual(["2.0 running", "3.0 completed"]);
  expect(of("watch.repaired")).toMatchObject([{ id: job.id, cause: "gap", updates: 2 }]);
});

test("events that were published while the connection was silent, before it was cut, are not missed", async ({
  server,
}) => {
  await using proxy = await createTcpProxy({ target: { path: server.socketPath } });
  await using behind = await harness(proxy.url, { positionCheckMs: 200 });
  await using direct = await harness(server.url);
  const job = await behind.telltale.resize.submit({ width: 1 });
  const watch = behind.telltale.$engine.watch(job.id);
  await watch.next();
  await subscribed(direct, feedOf(behind, job.id));
  const rest = all(watch);

  proxy.blackhole();
  await direct.redis.ping();
  const lost = behind.telltale.resize.submit({ width: 2 });
  proxy.cutAll();
  proxy.pass();
  await lost;
  const lease = await claimOne(behind.scripts);
  await behind.scripts.complete({ ...lease, output: OUTPUT, pending: null });

  expect(told(await rest)).toEqual(["2.0 running", "3.0 completed"]);
});

test("a watcher gets a reset when history was rewritten", async ({ server }) => {
  await using h = await harness(server.url, { positionCheckMs: 100 });
  const job = await h.telltale.resize.submit({ width: 1 });
  h.clock.advance(1);
  const base = `${h.prefix}:{resize}:`;
  const keys = [`${base}job:${job.id}`, `${base}meta`, `${base}waiting:normal`];
  const dumps = await Promise.all(keys.map((key) => h.redis.dumpBuffer(key)));
  const watch = h.telltale.$engine.watch(job.id);
  await watch.next();
  const first = await claimOne(h.scripts);
  await h.scripts.fail({ ...first, error: '{"json":{"code":"timeout","message":"m"}}', retryInMs: 1, pending: null });
  expect(told([(await watch.next()).value ?? never(), (await watch.next()).value ?? never()])).toEqual([
    "2.0 running",
    "3.0 retrying",
  ]);

  // A replica that does not have these writes takes over.
  await h.redis.del(`${base}feed:${job.id}`, `${base}leases`, `${base}scheduled`);
  for (const [i, key] of keys.entries()) await h.redis.restore(key, 0, dumps[i] ?? "", "REPLACE");
  h.clock.advance(5);
  const lease = await claimOne(h.scripts);

  const { value: reset } = await watch.next();
  expect(reset).toMatchObject({ reset: true });
  await h.scripts.complete({ ...lease, output: OUTPUT, pending: null });
  expect((await all(watch)).at(-1)).toMatchObject({ status: "completed" });
});

test("a watcher of a job that disappeared gets not_found", async ({ server }) => {
  await using h = await harness(server.url, { positionCheckMs: 50 });
  const job = await h.telltale.resize.submit({ width: 1 });
  const watch = h.telltale.$engine.watch(job.id);
  await watch.next();
  await h.redis.del(`${h.prefix}:{resize}:job:${job.id}`, feedOf(h, job.id));

  await expect(watch.next()).rejects.toMatchObject({ code: "not_found" });
});

test("a subscription that Redis refuses is retried until it works, and the process survives", async ({ server }) => {
  await using admin = await harness(server.url);
  await admin.redis.acl("SETUSER", "watcher", "on", ">pw", "~*", "&*", "+@all");
  const connection = { path: server.socketPath, username: "watcher", password: "pw" };
  await using h = await harness(connection, { prefix: admin.prefix, positionCheckMs: 100 });
  // Start-up would refuse such a user.
  await admin.redis.acl("SETUSER", "watcher", "resetchannels");
  const job = await admin.telltale.resize.submit({ width: 1 });
  const watch = h.telltale.$engine.watch(job.id);
  expect(told([(await watch.next()).value ?? never()])).toEqual(["1.0 queued"]);

  await admin.redis.acl("SETUSER", "watcher", "allchannels");
  await subscribed(admin, feedOf(admin, job.id));
  await claimOne(admin.scripts);

  expect(told([(await watch.next()).value ?? never()])).toEqual(["2.0 running"]);
  await watch.return();
});

test.for([
  "hello",
  "t\n1\n2",
  "t\n-1\n1\nqueued\n1\n1\n",
  "t\n1e308\n1\nqueued\n1\n1\n",
  "t\n9\n1\nweird\n1\n1\n",
  "r\n__proto__",
  "",
  "x".repeat(1_000_000),
])("a forged or malformed message changes nothing", async (forged, { h }) => {
  const job = await h.telltale.resize.submit({ width: 1 });
  const watch = h.telltale.$engine.watch(job.id);
  await watch.next();
  await subscribed(h, feedOf(h, job.id));

  await h.redis.publish(feedOf(h, job.id), forged);
  await h.scripts.complete({ ...(await claimOne(h.scripts)), output: OUTPUT, pending: null });

  expect(told(await all(watch))).toEqual(["2.0 running", "3.0 completed"]);
});

test("a job that has no watchers left is unsubscribed, and can be watched again at once", async ({ h }) => {
  const job = await h.telltale.resize.submit({ width: 1 });
  for (let i = 0; i < 3; i++) {
    for await (const _ of job.watch()) break;
    expect(h.telltale.$engine.hub.load).toEqual({ watchers: 0, channels: 1 });
  }

  await waitFor(() => h.telltale.$engine.hub.load.channels === 0, { timeoutMs: 8_000 });
  await waitFor(async () => Number((await h.redis.pubsub("NUMSUB", feedOf(h, job.id)))[1]) === 0);
});

function never(): never {
  throw new Error("the watch ended");
}
