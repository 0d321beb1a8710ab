import { waitFor } from "@telltale/testkit";
import { expect } from "vitest";
import { claimOne, ERROR, type Harness, harness, LEASE_MS, OUTPUT, test } from "./harness.js";

type Lease = Awaited<ReturnType<typeof claimOne>>;

const piece = (text: string): string => `{"json":{"text":"${text}"}}`;

async function running(h: Harness): Promise<Lease> {
  await h.telltale.resize.submit({ width: 1 });
  return claimOne(h.scripts);
}

const finish = (h: Harness, lease: Lease): Promise<void> =>
  h.scripts.complete({ ...lease, output: OUTPUT, pending: null });

async function textOf(h: Harness, id: string, after?: string): Promise<string[]> {
  const seen: string[] = [];
  for await (const { chunk } of h.telltale.$engine.watchChunks(id, { after })) {
    seen.push(chunk.truncated ? "(truncated)" : `${chunk.n}${chunk.data.text}`);
  }
  return seen;
}

test("a watcher gets every chunk in order, including those written before it started, and then the end", async ({
  h,
}) => {
  const lease = await running(h);
  await h.scripts.chunk({ ...lease, first: 1, pieces: [piece("a"), piece("b")] });
  const watch = h.telltale.$engine.watchChunks(lease.id);
  const seen = [(await watch.next()).value, (await watch.next()).value];
  const parked = watch.next();
  await h.scripts.chunk({ ...lease, first: 3, pieces: [piece("c")] });
  seen.push((await parked).value);
  const end = watch.next();
  await finish(h, lease);

  expect(await end).toMatchObject({ done: true });
  expect(seen.map((item) => item?.chunk)).toEqual(
    ["a", "b", "c"].map((text, i) => ({
      id: lease.id,
      n: i + 1,
      at: h.clock.now(),
      round: 1,
      attempt: 1,
      data: { text },
    })),
  );
});

test("a thousand chunks that are written while a watcher reads arrive once and in order", async ({ h }) => {
  const lease = await running(h);
  const reading = textOf(h, lease.id);
  for (let first = 1; first <= 1_000; first += 10) {
    await h.scripts.chunk({ ...lease, first, pieces: Array.from({ length: 10 }, () => piece("x")) });
  }
  await finish(h, lease);

  expect(await reading).toEqual(Array.from({ length: 1_000 }, (_, i) => `${i + 1}x`));
});

test("the last chunk is never missed, even if it is written while the watcher subscribes", async ({ h }) => {
  const readings: Promise<string[]>[] = [];
  for (let i = 0; i < 100; i++) {
    const lease = await running(h);
    readings.push(textOf(h, lease.id));
    for (let trip = 0; trip < i % 4; trip++) await h.redis.ping();
    await h.scripts.chunk({ ...lease, first: 1, pieces: [piece("a")] });
    await h.scripts.chunk({ ...lease, first: 2, pieces: [piece("b")] });
    await finish(h, lease);
  }

  for (const seen of await Promise.all(readings)) expect(seen).toEqual(["1a", "2b"]);
});

test("a reader that pauses gets every chunk when it reads again", async ({ h }) => {
  const lease = await running(h);
  const watch = h.telltale.$engine.watchChunks(lease.id);
  await h.scripts.chunk({ ...lease, first: 1, pieces: [piece("x")] });
  await watch.next();
  for (let first = 2; first <= 300; first++) await h.scripts.chunk({ ...lease, first, pieces: [piece("x")] });
  await finish(h, lease);

  const rest: number[] = [];
  for await (const { chunk } of watch) rest.push(chunk.n);

  expect(rest).toEqual(Array.from({ length: 299 }, (_, i) => i + 2));
});

test("chunks whose messages were lost are read from Redis", async ({ server }) => {
  await using h = await harness(server.url, { positionCheckMs: 100 });
  const lease = await running(h);
  const watch = h.telltale.$engine.watchChunks(lease.id);
  await h.scripts.chunk({ ...lease, first: 1, pieces: [piece("a")] });
  await watch.next();
  const next = watch.next();

  // As the script writes it, but without publishing it.
  await h.redis.rpush(`${h.prefix}:{resize}:chunks:${lease.id}`, `2\n${h.clock.now()}\n1\n1\n${piece("b")}`);

  expect((await next).value).toMatchObject({ chunk: { n: 2, data: { text: "b" } } });
  await watch.return();
});

test("chunks arrive while the watcher's connection is killed again and again", async ({ h }) => {
  const lease = await running(h);
  const reading = textOf(h, lease.id);
  for (let first = 1; first <= 60; first++) {
    if (first % 10 === 0) await h.redis.call("CLIENT", "KILL", "TYPE", "pubsub");
    await h.scripts.chunk({ ...lease, first, pieces: [piece("x")] });
  }
  await finish(h, lease);

  expect(await reading).toHaveLength(60);
});

test("a watcher that resumes after any chunk gets exactly the remaining ones", async ({ h }) => {
  const lease = await running(h);
  for (let first = 1; first <= 10; first++) {
    h.clock.advance(1);
    await h.scripts.chunk({ ...lease, first, pieces: [piece("x")] });
  }
  await finish(h, lease);
  const positions: string[] = [];
  for await (const { position } of h.telltale.$engine.watchChunks(lease.id)) positions.push(position);

  for (const [k, position] of positions.entries()) {
    expect(await textOf(h, lease.id, position)).toEqual(Array.from({ length: 9 - k }, (_, i) => `${k + 2 + i}x`));
  }
});

test.for(["", "garbage", "zzz:1", "0:1", "zzzzzzzzzz:999999999999", "lll1:99"])(
  "a cursor that does not belong to these chunks starts with the first chunk: %j",
  async (after, { h }) => {
    const lease = await running(h);
    await h.scripts.chunk({ ...lease, first: 1, pieces: [piece("a"), piece("b")] });
    await finish(h, lease);

    expect(await textOf(h, lease.id, after)).toEqual(["1a", "2b"]);
  },
);

test("chunks that are sent again are stored once, and those of the next attempt follow them", async ({ h }) => {
  const lease = await running(h);
  await h.scripts.chunk({ ...lease, first: 1, pieces: [piece("a"), piece("b")] });
  await h.scripts.chunk({ ...lease, first: 1, pieces: [piece("a"), piece("b")] });
  await h.scripts.chunk({ ...lease, first: 2, pieces: [piece("b"), piece("c")] });
  await h.scripts.fail({ ...lease, error: ERROR, retryInMs: 1, pending: null });
  h.clock.advance(1);
  await h.scripts.promote();
  const next = await claimOne(h.scripts);
  await h.scripts.chunk({ ...next, first: 1, pieces: [piece("d")] });
  await finish(h, next);

  expect(await textOf(h, lease.id)).toEqual(["1a", "2b", "3c", "4d"]);
});

test("the chunks of a job are limited in bytes, and the last one is marked as truncated", async ({ h }) => {
  const lease = await running(h);
  const big = piece("x".repeat(300_000));
  expect(await h.scripts.chunk({ ...lease, first: 1, pieces: [big, big, big] })).toBe("stored");
  expect(await h.scripts.chunk({ ...lease, first: 4, pieces: [big] })).toBe("truncated");
  expect(await h.scripts.chunk({ ...lease, first: 5, pieces: [piece("y")] })).toBe("truncated");
  await finish(h, lease);

  const seen = await textOf(h, lease.id);

  expect(seen).toHaveLength(4);
  expect(seen[3]).toBe("(truncated)");
});

test("a watcher that read the previous round gets the chunks of the next round from the first one", async ({ h }) => {
  const lease = await running(h);
  await h.scripts.chunk({ ...lease, first: 1, pieces: [piece("a"), piece("b")] });
  const watch = h.telltale.$engine.watchChunks(lease.id);
  await watch.next();
  const { value: last } = await watch.next();
  await watch.return();
  await finish(h, lease);
  h.clock.advance(1);
  await h.telltale.$engine.rerun(lease.id);
  const again = await claimOne(h.scripts);
  await h.scripts.chunk({ ...again, first: 1, pieces: [piece("c"), piece("d"), piece("e")] });
  await finish(h, again);

  expect(await textOf(h, lease.id, last?.position)).toEqual(["1c", "2d", "3e"]);
});

test("a watcher that stays open during a rerun misses no chunk of the new round", async ({ h }) => {
  const lease = await running(h);
  await h.scripts.chunk({ ...lease, first: 1, pieces: [piece("a"), piece("b")] });
  const watch = h.telltale.$engine.watchChunks(lease.id);
  await watch.next();
  // The watcher has not read the second chunk yet when the round ends and the next round writes.
  await finish(h, lease);
  await h.telltale.$engine.rerun(lease.id);
  const again = await claimOne(h.scripts);
  await h.scripts.chunk({ ...again, first: 1, pieces: [piece("c"), piece("d"), piece("e")] });
  await finish(h, again);

  const seen: string[] = [];
  for await (const { chunk } of watch) seen.push(`${chunk.round}${chunk.data?.text}`);

  expect(seen.filter((text) => text.startsWith("2"))).toEqual(["2c", "2d", "2e"]);
});

test("a watch of a job without chunks ends with the job, whether it completed, failed or was lost", async ({ h }) => {
  const done = await running(h);
  const parked = textOf(h, done.id);
  await finish(h, done);
  expect(await parked).toEqual([]);
  const lost = await running(h);
  const waiting = textOf(h, lost.id);
  await h.scripts.cancel(lost.id);
  h.clock.advance(LEASE_MS + 1);
  await h.scripts.reclaim(LEASE_MS);

  expect(await waiting).toEqual([]);
  await waitFor(() => h.telltale.$engine.hub.load.watchers === 0);
});
