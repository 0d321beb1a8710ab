import { eventually } from "@telltale/testkit";
import { TRPCError } from "@trpc/server";
import { TelltaleError } from "telltale";
import { type ConnectionState, createClient } from "telltale/client";
import { expect, test, vi } from "vitest";
import { JUDGE_ID, type jobs } from "./contracts.js";
import { deferred } from "./deferred.js";
import { status, untilGone } from "./frames.js";
import { type Answers, startJobsServer } from "./jobs-server.js";
import { isTrpcFrom } from "./trpc-version.js";

const OUTPUT = { verdict: "accepted", at: new Date(0) };

async function connect(onStatus: NonNullable<Answers["onStatus"]>) {
  const server = await startJobsServer({ onStatus });
  const client = createClient<typeof jobs>({ url: server.url });
  return {
    server,
    client,
    job: client.judge.job(JUDGE_ID, { token: "t" }),
    [Symbol.asyncDispose]: async () => {
      await client.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

test("a watcher sees every change in order and the loop ends with the round", async () => {
  await using world = await connect(async function* () {
    yield status(1, "queued");
    yield status(2, "running");
    yield status(3, "completed", { output: OUTPUT });
  });

  const seen: string[] = [];
  for await (const event of world.job.watch()) seen.push(`${event.seq}.${event.rev} ${event.status}`);

  expect(seen).toEqual(["1.0 queued", "2.0 running", "3.0 completed"]);
});

test("a watcher whose connection was cut resumes after the last event it received", async () => {
  const cursors: unknown[] = [];
  await using world = await connect(async function* ({ input, signal }) {
    cursors.push(input.lastEventId);
    if (cursors.length === 1) {
      yield status(1, "queued");
      yield status(2, "running");
      await untilGone(signal);
    } else {
      yield status(3, "completed", { output: OUTPUT });
    }
  });
  const connection: ConnectionState[] = [];

  const seen: number[] = [];
  for await (const event of world.job.watch({ onConnection: (state) => connection.push(state) })) {
    seen.push(event.seq);
    if (event.seq === 2) world.server.cut();
  }

  expect(seen).toEqual([1, 2, 3]);
  expect(cursors).toEqual([undefined, expect.stringMatching(/:2\.0$/)]);
  expect(connection).toEqual(["connecting", "live", "reconnecting", "live", "closed"]);
});

// Since 11.25, tRPC's client subscribes on the new socket before it closes the old one, so the state stays "live".
test("a watcher of a draining server moves to another connection and misses no event", async () => {
  let subscriptions = 0;
  const random = vi.spyOn(Math, "random").mockReturnValue(0.01);
  await using world = await connect(async function* ({ signal }) {
    subscriptions++;
    if (subscriptions === 1) {
      yield status(1, "queued");
      await untilGone(signal);
    } else {
      yield status(2, "completed", { output: OUTPUT });
    }
  });
  const connection: ConnectionState[] = [];

  const seen: number[] = [];
  for await (const event of world.job.watch({ onConnection: (state) => connection.push(state) })) {
    seen.push(event.seq);
    if (event.seq === 1) world.server.askToReconnect();
  }
  random.mockRestore();

  expect(seen).toEqual([1, 2]);
  const moving = isTrpcFrom(11, 25) ? [] : ["reconnecting", "live"];
  expect(connection).toEqual(["connecting", "live", ...moving, "closed"]);
});

test.each([
  [
    "an error that a retry can fix",
    () => new TRPCError({ code: "SERVICE_UNAVAILABLE", cause: new TelltaleError("redis_unavailable") }),
  ],
  ["too many subscriptions", () => new TRPCError({ code: "TOO_MANY_REQUESTS", cause: new TelltaleError("too_many") })],
  ["a crash in the middle of the stream", () => new Error("boom")],
])("a watcher resumes by itself after %s", async (_, error) => {
  const cursors: unknown[] = [];
  await using world = await connect(async function* ({ input }) {
    cursors.push(input.lastEventId);
    if (cursors.length === 1) {
      yield status(1, "queued");
      throw error();
    }
    yield status(2, "completed", { output: OUTPUT });
  });

  const seen: number[] = [];
  for await (const event of world.job.watch()) seen.push(event.seq);

  expect(seen).toEqual([1, 2]);
  expect(cursors).toEqual([undefined, expect.stringMatching(/:1\.0$/)]);
});

test.each(["not_found", "unauthorized", "forbidden", "invalid_input"] as const)(
  "a watcher rejects with %s without a retry, after the events that came before it",
  async (code) => {
    let subscriptions = 0;
    await using world = await connect(async function* () {
      subscriptions++;
      yield status(1, "queued");
      throw new TRPCError({ code: "BAD_REQUEST", cause: new TelltaleError(code) });
    });
    const events = world.job.watch();

    await expect(events.next()).resolves.toMatchObject({ value: { seq: 1 } });
    await expect(events.next()).rejects.toMatchObject({ name: "TelltaleError", code });
    await expect(events.next()).resolves.toEqual({ done: true, value: undefined });

    expect(subscriptions).toBe(1);
  },
);

test("late and repeated events are dropped, but not a snapshot after rewritten history", async () => {
  await using world = await connect(async function* () {
    yield status(1, "queued");
    yield status(2, "running", { rev: 5 });
    yield status(2, "running", { rev: 3 });
    yield status(1, "queued");
    yield status(3, "retrying", { error: { code: "timeout", message: "" } });
    yield status(1, "queued", { reset: true });
    yield status(2, "running");
    yield status(3, "completed", { output: OUTPUT });
  });

  const seen: string[] = [];
  for await (const event of world.job.watch()) seen.push(`${event.seq}.${event.rev}`);

  expect(seen).toEqual(["1.0", "2.5", "3.0", "1.0", "2.0", "3.0"]);
});

test("a watcher that starts after a position gets only what follows it", async () => {
  const cursors: unknown[] = [];
  await using world = await connect(async function* ({ input }) {
    cursors.push(input.lastEventId);
    yield status(2, "running");
    yield status(3, "completed", { output: OUTPUT });
  });

  const seen: number[] = [];
  for await (const event of world.job.watch({ after: "lof8h6o2:2.0" })) seen.push(event.seq);

  expect(seen).toEqual([3]);
  expect(cursors).toEqual(["lof8h6o2:2.0"]);
});

test("a watch can be resumed from the position of the last event that was read, not of the last one that was received", async () => {
  const cursors: unknown[] = [];
  const sent = deferred();
  await using world = await connect(async function* ({ input }) {
    cursors.push(input.lastEventId);
    if (!input.lastEventId) {
      yield status(1, "queued");
      yield status(2, "running");
      sent.resolve();
    }
    yield status(3, "completed", { output: OUTPUT });
  });

  const left = world.job.watch();
  expect(left.position).toBeUndefined();
  for await (const event of left) {
    await sent.promise;
    if (event.seq === 1) break;
  }
  const rest = world.job.watch({ after: left.position });
  expect(rest.position).toBe(left.position);
  for await (const _ of rest);

  expect(cursors).toEqual([undefined, expect.stringMatching(/:1\.0$/)]);
  expect(rest.position).toMatch(/:3\.0$/);
});

test("a rerun job is watched to the end of its newest round", async () => {
  await using world = await connect(async function* () {
    yield status(1, "queued");
    yield status(2, "failed", { error: { code: "timeout", message: "" } });
    yield status(3, "queued", { round: 2 });
    yield status(4, "completed", { round: 2, output: OUTPUT });
  });

  await expect(world.job.result()).resolves.toEqual({ ok: true, output: OUTPUT });
});

test("a watch ends after the end of the round, even if the connection is lost before the server completes the subscription", async () => {
  await using world = await connect(async function* ({ signal }) {
    yield status(1, "completed", { output: OUTPUT });
    await untilGone(signal);
  });

  const seen: number[] = [];
  for await (const event of world.job.watch()) {
    seen.push(event.seq);
    world.server.cut();
  }

  expect(seen).toEqual([1]);
});

test("leaving the loop unsubscribes at the server", async () => {
  const gone = deferred();
  await using world = await connect(async function* ({ signal }) {
    yield status(1, "queued");
    await untilGone(signal);
    gone.resolve();
  });

  for await (const _ of world.job.watch()) break;

  await gone.promise;
});

test("an aborted signal ends the iteration without an error", async () => {
  const gone = deferred();
  await using world = await connect(async function* ({ signal }) {
    yield status(1, "queued");
    await untilGone(signal);
    gone.resolve();
  });
  const controller = new AbortController();

  const seen: number[] = [];
  for await (const event of world.job.watch({ signal: controller.signal })) {
    seen.push(event.seq);
    controller.abort();
  }
  await gone.promise;

  expect(seen).toEqual([1]);
});

test("a slow reader gets every transition, but only the latest progress report", async () => {
  const sent = deferred();
  await using world = await connect(async function* ({ signal }) {
    yield status(1, "queued");
    yield status(2, "running");
    for (let rev = 1; rev <= 500; rev++) yield status(2, "running", { rev, progress: { passed: rev } });
    yield status(3, "retrying", { error: { code: "timeout", message: "" } });
    yield status(4, "running", { attempt: 2 });
    for (let rev = 1; rev <= 500; rev++) yield status(4, "running", { rev, progress: { passed: rev } });
    sent.resolve();
    await untilGone(signal);
  });
  const slow = world.job.watch();

  await slow.next();
  await sent.promise;
  // Frames of one socket arrive in order. When another watcher gets its first event, all earlier frames have arrived.
  for await (const _ of world.job.watch()) break;
  const seen: string[] = [];
  for await (const event of slow) {
    seen.push(`${event.seq}.${event.rev}`);
    if (event.rev === 500) break;
  }

  expect(seen).toEqual(["2.0", "3.0", "4.0", "4.500"]);
});

test("two readers of one handle each get everything", async () => {
  await using world = await connect(async function* () {
    yield status(1, "queued");
    yield status(2, "completed", { output: OUTPUT });
  });

  const results = await Promise.all([world.job.output(), world.job.output()]);

  expect(results).toEqual([OUTPUT, OUTPUT]);
});

test("closing the client rejects its watchers with closed and leaves no connection open", async () => {
  await using world = await connect(async function* ({ signal }) {
    yield status(1, "queued");
    await untilGone(signal);
  });
  const events = world.job.watch();
  await events.next();
  const next = events.next();

  await Promise.all([expect(next).rejects.toMatchObject({ code: "closed" }), world.client.close()]);
  await eventually(() => expect(world.server.sockets.size).toBe(0));

  await expect(world.job.watch().next()).rejects.toMatchObject({ code: "closed" });
  await expect(world.client.judge.submit({ source: "" })).rejects.toMatchObject({ code: "closed" });
});

test("an id of another kind rejects with not_found, without a request", async () => {
  await using world = await connect(async function* () {});

  const refund = world.client.refund.job(JUDGE_ID);

  await expect(refund.watch().next()).rejects.toMatchObject({ code: "not_found" });
  await expect(refund.cancel()).rejects.toMatchObject({ code: "not_found" });
});
