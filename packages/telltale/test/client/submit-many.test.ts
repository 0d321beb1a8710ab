import { TRPCError } from "@trpc/server";
import { ERROR_CODES, type ErrorCode, TelltaleError } from "telltale";
import { createClient } from "telltale/client";
import { expect, test } from "vitest";
import type { jobs } from "./contracts.js";
import { deferred } from "./deferred.js";
import { startJobsServer } from "./jobs-server.js";

interface Item {
  readonly source: string;
  readonly key: string;
}

const items = (count: number, source = "") =>
  Array.from({ length: count }, (_, n) => ({ input: { source: `${n} ${source}` } }));

/** Starts a server that records the items of each call. The job of an item is derived from its key. */
async function listening(answer: (call: readonly Item[], nth: number) => unknown = (call) => call.map(made)) {
  const calls: Item[][] = [];
  const server = await startJobsServer({
    submitMany: (input) => {
      const call = input.map(({ input, options }) => ({
        source: String(Reflect.get(Object(input), "source")),
        key: String(Reflect.get(Object(options), "idempotencyKey")),
      }));
      calls.push(call);
      return answer(call, calls.length);
    },
  });
  return { server, calls };
}

function made({ key }: Item) {
  return { id: `judge_${Buffer.from(key).toString("hex").padEnd(32, "0").slice(0, 32)}`, token: `of ${key}` };
}

function refused(code: ErrorCode): { error: { code: ErrorCode; message: string } } {
  return { error: { code, message: ERROR_CODES[code].meaning } };
}

test("many jobs are sent in calls of at most 50 items and 256 KB, and the outcomes are in order", async () => {
  const { server, calls } = await listening();
  await using _ = server;
  await using client = createClient<typeof jobs>({ url: server.url });

  const small = await client.judge.submitMany(items(120));
  const large = await client.judge.submitMany(items(8, "x".repeat(100_000)));

  expect(calls.map((call) => call.length)).toEqual([50, 50, 20, 2, 2, 2, 2]);
  const keys = calls.slice(0, 3).flatMap((call) => call.map(({ key }) => key));
  expect(new Set(keys).size).toBe(120);
  expect(small.map((outcome) => outcome.ok && outcome.job.token)).toEqual(keys.map((key) => `of ${key}`));
  expect(large).toHaveLength(8);
});

test("at most three calls are in flight at a time", async () => {
  const answered = deferred();
  const three = deferred();
  let open = 0;
  const { server, calls } = await listening(async (call) => {
    open += 1;
    if (calls.length === 3) three.resolve();
    await answered.promise;
    const atOnce = open;
    open -= 1;
    expect(atOnce).toBeLessThanOrEqual(3);
    return call.map(made);
  });
  await using _ = server;
  await using client = createClient<typeof jobs>({ url: server.url });

  const submitted = client.judge.submitMany(items(500));
  await three.promise;
  answered.resolve();

  expect((await submitted).every(({ ok }) => ok)).toBe(true);
  expect(calls).toHaveLength(10);
});

test("a call whose reply was lost is repeated with the same keys", async () => {
  const { server, calls } = await listening((call, nth) => {
    if (nth === 1) server.cut();
    return call.map(made);
  });
  await using _ = server;
  await using client = createClient<typeof jobs>({ url: server.url });

  const outcomes = await client.judge.submitMany(items(20));

  expect(calls).toHaveLength(2);
  expect(calls[1]).toEqual(calls[0]);
  expect(outcomes.every(({ ok }) => ok)).toBe(true);
});

test("an item that is refused for a temporary reason is sent again alone, with the same key", async () => {
  const { server, calls } = await listening((call, nth) =>
    call.map((item, i) => (nth === 1 && i === 2 ? refused("queue_full") : made(item))),
  );
  await using _ = server;
  await using client = createClient<typeof jobs>({ url: server.url });

  const outcomes = await client.judge.submitMany(items(4));

  expect(outcomes.map(({ ok }) => ok)).toEqual([true, true, true, true]);
  expect(calls[1]).toEqual([calls[0]?.[2]]);
});

test("an item that is refused for good gets its own error, and is not sent again", async () => {
  const { server, calls } = await listening((call) =>
    call.map((item, i) => (i === 1 ? refused("unique_conflict") : made(item))),
  );
  await using _ = server;
  await using client = createClient<typeof jobs>({ url: server.url });

  const outcomes = await client.judge.submitMany(items(3));

  expect(outcomes).toMatchObject([{ ok: true }, { ok: false, error: { code: "unique_conflict" } }, { ok: true }]);
  expect(calls).toHaveLength(1);
});

test("an input that only the server can recognize as invalid is refused alone, and the other items are submitted", async () => {
  const { server } = await listening((call) => {
    if (call.some(({ source }) => source.startsWith("17 ") || source.startsWith("49 "))) {
      throw new TRPCError({ code: "BAD_REQUEST", cause: new TelltaleError("invalid_input") });
    }
    return call.map(made);
  });
  await using _ = server;
  await using client = createClient<typeof jobs>({ url: server.url });

  const outcomes = await client.judge.submitMany(items(60));

  const bad = [...outcomes.entries()].filter(([, outcome]) => !outcome.ok);
  expect(bad).toMatchObject([
    [17, { error: { code: "invalid_input" } }],
    [49, { error: { code: "invalid_input" } }],
  ]);
});

test("options and sizes are checked before anything is sent, and the error has the index of the item", async () => {
  const { server, calls } = await listening();
  await using _ = server;
  await using client = createClient<typeof jobs>({ url: server.url });
  const withLast = (last: { input: { source: string }; options?: object }) => [...items(700), last];

  await expect(
    client.judge.submitMany(withLast({ input: { source: "" }, options: { tags: ["not a tag"] } })),
  ).rejects.toMatchObject({ code: "invalid_input", data: { index: 700 } });
  await expect(client.judge.submitMany(withLast({ input: { source: "x".repeat(300_000) } }))).rejects.toMatchObject({
    code: "too_large",
    data: { index: 700 },
  });
  await expect(client.judge.submitMany([])).resolves.toEqual([]);

  expect(calls).toEqual([]);
});

test("after an error that affects all items, the remaining items are not sent", async () => {
  const { server, calls } = await listening(() => {
    throw new TRPCError({ code: "UNAUTHORIZED", cause: new TelltaleError("unauthorized") });
  });
  await using _ = server;
  await using client = createClient<typeof jobs>({ url: server.url });

  const outcomes = await client.judge.submitMany(items(500));

  expect(new Set(outcomes.map((outcome) => outcome.ok || outcome.error.code))).toEqual(new Set(["unauthorized"]));
  expect(outcomes).toHaveLength(500);
  expect(calls).toHaveLength(3);
});

test("closing the client rejects the items that are not submitted yet with closed, and later calls too", async () => {
  const { server, calls } = await listening(() => new Promise(() => {}));
  await using _ = server;
  const client = createClient<typeof jobs>({ url: server.url });

  const submitted = client.judge.submitMany(items(500));
  await expect.poll(() => calls.length).toBe(3);
  await client.close();

  expect(new Set((await submitted).map((outcome) => outcome.ok || outcome.error.code))).toEqual(new Set(["closed"]));
  await expect(client.judge.submitMany(items(1))).rejects.toMatchObject({ code: "closed" });
});
