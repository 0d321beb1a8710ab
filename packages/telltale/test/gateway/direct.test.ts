import { Socket } from "node:net";
import { eventually, testRedis } from "@telltale/testkit";
import { LIMITS } from "telltale";
import { afterAll, expect, onTestFinished, test, vi } from "vitest";
import { openLiveJob } from "./live-job.js";

const redis = await testRedis();
afterAll(() => redis.stop());

const call = (id: string): object => ({
  ...{ method: "subscription", params: { path: "jobs.onStatus", input: { json: { id } } } },
});
const upTo = (last: number, first = 1): number[] => Array.from({ length: last - first + 1 }, (_, i) => first + i);

test("an event is encoded once, however many watchers get it", async () => {
  await using server = await openLiveJob({ redis });
  const job = await server.start();
  using watchers = await connectAll(server, 20);
  await Promise.all(watchers.all.map((watcher) => watcher.watch(job.id)));
  const before = server.encoded();

  await reportEach(job, upTo(10), watchers.all);

  for (const { reports } of watchers.all) expect(reports()).toEqual(upTo(10));
  expect(server.encoded() - before).toBe(10);
});

test("an event is also encoded once if there is an observer", async () => {
  await using server = await openLiveJob({ redis, observer: () => {} });
  const job = await server.start();
  using watchers = await connectAll(server, 5);
  await Promise.all(watchers.all.map((watcher) => watcher.watch(job.id)));
  const before = server.encoded();

  await reportEach(job, upTo(4), watchers.all);

  for (const { reports } of watchers.all) expect(reports()).toEqual(upTo(4));
  expect(server.encoded() - before).toBe(4);
});

test.each([
  ["a number", { id: 7 }],
  ["a text", { id: 'one "quoted" id, "result":' }],
  ["a number, with the version of JSON-RPC", { id: 0, jsonrpc: "2.0" as const }],
])("a frame whose id is %s is the same, byte for byte, as the adapter's own", async (_name, call) => {
  await using server = await openLiveJob({ redis });
  const job = await server.start();
  using direct = await server.connect();
  using wrapped = await server.connect();
  await direct.watch(job.id, call);
  await wrapped.watch(job.id, { ...call, path: "wrapped.onStatus" });
  const before = server.encoded();

  await job.report(2, "ünïcode\n\u2028");
  await eventually(() => expect([direct.reports(call.id), wrapped.reports(call.id)]).toEqual([[2], [2]]));

  expect(direct.received.at(-1)?.text).toBe(wrapped.received.at(-1)?.text);
  expect(server.encoded() - before).toBe(2);
});

test("a middleware that wraps the generator gets every event, and what it leaves out is not sent", async () => {
  await using server = await openLiveJob({ redis });
  const job = await server.start();
  using watcher = await server.connect();
  await watcher.watch(job.id, { path: "wrapped.onStatus" });

  for (const n of [2, 4, 6]) {
    await job.report(n - 1);
    await reportEach(job, [n], [watcher]);
  }

  expect(watcher.reports()).toEqual([2, 4, 6]);
});

test("an operator sees why an attempt failed, and the owner of the job does not", async () => {
  await using server = await openLiveJob({ redis });
  const job = await server.start();
  using owner = await server.connect("ann");
  using operator = await server.connect("root");
  await Promise.all([owner.watch(job.id), operator.watch(job.id)]);
  await job.report(1);

  await job.failAttempt("the password is wrong");

  const last = (of: typeof owner) => of.received.at(-1)?.event;
  await eventually(() => expect([last(owner)?.status, last(operator)?.status]).toEqual(["retrying", "retrying"]));
  expect(last(operator)?.error).toMatchObject({ message: "the password is wrong" });
  expect(owner.received.map(({ text }) => text).join()).not.toContain("password");
});

test("each subscription of a socket gets the events of its job under its own id", async () => {
  await using server = await openLiveJob({ redis });
  const [one, two] = [await server.start(), await server.start()];
  using watcher = await server.connect();
  const calls = [one.id, two.id, one.id].map((id, index) => ({ ...call(id), id: index + 1 }));
  watcher.socket.send(calls);
  const running = (): number => watcher.received.filter(({ event }) => event?.status === "running").length;
  await eventually(() => expect(running()).toBe(3));

  for (const n of upTo(4)) {
    await Promise.all([one.report(n), two.report(10 + n)]);
    await eventually(() => expect([1, 2, 3].map((id) => watcher.reports(id).at(-1))).toEqual([n, 10 + n, n]));
  }

  expect([1, 2, 3].map((id) => watcher.reports(id))).toEqual([upTo(4), upTo(14, 11), upTo(4)]);
});

test("a watcher that loses its socket between two events continues after the last one that it has", async () => {
  await using server = await openLiveJob({ redis });
  const job = await server.start();
  using lost = await server.connect();
  using stays = await server.connect();
  await Promise.all([lost.watch(job.id), stays.watch(job.id)]);
  await reportEach(job, upTo(3), [lost, stays]);
  expect(lost.reports()).toEqual(upTo(3));

  lost.socket.ws.terminate();
  await reportEach(job, upTo(6, 4), [stays]);
  using again = await server.connect();
  await again.watch(job.id, { lastEventId: lost.received.at(-1)?.position ?? "" });
  await eventually(() => expect(again.reports()).toEqual([6]));
  await job.report(7);

  await eventually(() => expect(again.reports()).toEqual([6, 7]));
  await eventually(() => expect(stays.reports()).toEqual(upTo(7)));
});

test("a subscription gets nothing after its end, and the end comes after everything before", async () => {
  await using server = await openLiveJob({ redis });
  const job = await server.start();
  using stopped = await server.connect();
  using stays = await server.connect();
  await Promise.all([stopped.watch(job.id), stays.watch(job.id)]);
  await reportEach(job, [1], [stopped, stays]);

  stopped.socket.send({ id: 1, method: "subscription.stop" });
  await stopped.socket.next((message) => message.result?.type === "stopped");
  await reportEach(job, [2], [stays]);
  await job.complete();
  await stays.socket.next((message) => message.result?.type === "stopped");

  expect(stopped.reports()).toEqual([1]);
  expect(stopped.received.at(-1)?.type).toBe("stopped");
  expect(stays.received.map(({ type, event }) => event?.progress?.n ?? event?.status ?? type)).toEqual([
    ...["started", "queued", "running", 1, 2, "completed", "stopped"],
  ]);
});

test("events sent past the generator count for the limit of a client that does not read, which is cut", async () => {
  const text = "x".repeat(LIMITS.progressBytes - 100);
  await using server = await openLiveJob({ redis, limits: { stalledMs: 300, cutMs: 50 } });
  const job = await server.start();
  using slow = await server.connect();
  using reader = await server.connect();
  await Promise.all([slow.watch(job.id), reader.watch(job.id)]);

  slow.socket.ws.pause();
  let n = 0;
  await eventually(async () => {
    await job.report(++n, text);
    expect(server.gateway.sockets).toBe(1);
  }, 20_000);

  await eventually(() => expect(reader.reports().at(-1)).toBe(n));
});

test("a client that pauses gets the latest event when it reads again, and every event only once and in order", async () => {
  const text = "x".repeat(LIMITS.progressBytes - 100);
  await using server = await openLiveJob({ redis });
  const job = await server.start();
  using slow = await server.connect();
  await slow.watch(job.id);
  slow.socket.ws.pause();
  // More than the buffers of both ends of a connection on loopback and of the gateway hold.
  const last = 2_000;
  for (const n of upTo(last)) await job.report(n, text);

  slow.socket.ws.resume();
  await eventually(() => expect(slow.reports().at(-1)).toBe(last), 20_000);
  await job.report(last + 1);

  await eventually(() => expect(slow.reports().at(-1)).toBe(last + 1));
  const reports = slow.reports();
  expect(reports.length).toBeLessThan(last);
  expect(reports).toEqual([...new Set(reports)].sort((a, b) => a - b));
});

test("a watcher whose socket closes does not keep the others from getting an event", async () => {
  await using server = await openLiveJob({ redis });
  const job = await server.start();
  using watchers = await connectAll(server, 10);
  await Promise.all(watchers.all.map((watcher) => watcher.watch(job.id)));
  const [gone, ...stay] = watchers.all;

  gone?.socket.ws.terminate();
  await reportEach(job, upTo(5), stay);

  for (const { reports } of stay) expect(reports()).toEqual(upTo(5));
});

test("the events of a job that has ended leave in one write, and cost one read and no subscription", async () => {
  await using server = await openLiveJob({ redis });
  const job = await server.start();
  await job.complete();
  using watcher = await server.connect();
  const writes = vi.spyOn(Socket.prototype, "_writev");
  onTestFinished(() => writes.mockRestore());

  watcher.socket.send({ ...call(job.id), id: 1 });
  await watcher.socket.next((message) => message.result?.type === "stopped");

  expect(watcher.received.map(({ type, event }) => event?.status ?? type)).toEqual([
    ...["started", "queued", "running", "completed", "stopped"],
  ]);
  const bySocket = new Map<unknown, number>();
  for (const socket of writes.mock.contexts) bySocket.set(socket, (bySocket.get(socket) ?? 0) + 1);
  // `started` is sent before the job is read.
  expect(Math.max(...bySocket.values())).toBe(2);
  expect(server.telltale.$engine.hub.load).toEqual({ watchers: 0, channels: 0 });
});

test("the frames of a router with another transformer are encoded with that one", async () => {
  const by = {
    serialize: (value: unknown) => ({
      mine: JSON.stringify(value, (_, one) => (one instanceof Date ? one.getTime() : one)),
    }),
    deserialize: (wire: unknown) => dated(JSON.parse(Object(wire).mine)),
  };
  await using server = await openLiveJob({ redis, by });
  const job = await server.start();
  using watcher = await server.connect();
  await watcher.watch(job.id);
  const before = server.encoded();

  await job.report(2);

  await eventually(() => expect(watcher.reports()).toEqual([2]));
  expect(watcher.received.at(-1)?.text).toContain('"data":{"mine":');
  expect(server.encoded() - before).toBe(1);
});

// The gateway refuses a transformer that does not restore Dates.
function dated(value: { readonly at?: unknown }): unknown {
  return typeof value.at === "string" ? { ...value, at: new Date(value.at) } : value;
}

type Server = Awaited<ReturnType<typeof openLiveJob>>;
type Job = Awaited<ReturnType<Server["start"]>>;
type Watcher = Awaited<ReturnType<Server["connect"]>>;

/** Reports each number once all watchers have the one before: a watcher that is behind may get the latest report only. */
async function reportEach(job: Job, numbers: readonly number[], watchers: readonly Watcher[]): Promise<void> {
  for (const n of numbers) {
    await job.report(n);
    await eventually(() => expect(watchers.map(({ reports }) => reports().at(-1))).toEqual(watchers.map(() => n)));
  }
}

async function connectAll(server: Server, count: number) {
  const all = await Promise.all(Array.from({ length: count }, () => server.connect()));
  const dispose = (): void => {
    for (const watcher of all) watcher[Symbol.dispose]();
  };
  return { all, [Symbol.dispose]: dispose };
}
