import { eventually } from "@telltale/testkit";
import { expect, test } from "vitest";
import { exampleRouter } from "./example-router.js";
import { Feed } from "./feed.js";
import { openGateway } from "./open-gateway.js";
import { answerTo, openSocket } from "./open-socket.js";
import { rawExchange } from "./raw-exchange.js";

const PATIENCE = 20_000;
const call = (id: number | string, path: string, method = "query"): object => ({ id, method, params: { path } });
const frame = (path: string, method: string, from: number, count: number): string =>
  JSON.stringify(Array.from({ length: count }, (_, index) => call(from + index, path, method)));

/** A router whose `held` calls wait until the test releases them. */
function heldCalls() {
  const state = { running: 0, open: (): void => {} };
  const opened = new Promise<void>((resolve) => {
    state.open = resolve;
  });
  const gate = { opened, entered: () => void state.running++ };
  return { state, router: exampleRouter({ feed: new Feed(), gate }) };
}

test("calls beyond the limit of a socket wait, and are all executed in the end", async () => {
  const { state, router } = heldCalls();
  await using server = await openGateway({ router, limits: { callsInFlight: 3 } });
  using socket = await openSocket(server.wsUrl);

  socket.send(frame("held", "mutation", 1, 10));
  socket.send(call(11, "held", "mutation"));
  socket.send("PING");
  await new Promise((resolve) => socket.ws.once("message", resolve));
  const atFirst = state.running;
  state.open();
  for (let id = 1; id <= 11; id++) await socket.next(answerTo(id));

  expect(atFirst).toBe(3);
  expect(state.running).toBe(11);
});

test("a socket is served while the calls of another wait", async () => {
  const { state, router } = heldCalls();
  await using server = await openGateway({ router, limits: { callsInFlight: 3 } });
  using busy = await openSocket(server.wsUrl);
  using other = await openSocket(server.wsUrl);

  busy.send(frame("held", "mutation", 1, 250));
  other.send(call(1, "ping"));

  expect((await other.next(answerTo(1))).result?.data?.json).toBe("pong");
  state.open();
});

test("for a client that does not read its replies, no further calls are executed until it reads", async () => {
  const yielded = { count: 0 };
  const feed = new Feed();
  const router = exampleRouter({ feed, yielded });
  await using server = await openGateway({ feed, router, limits: { stalledMs: 60_000 } });
  using socket = await openSocket(server.wsUrl);
  const got = new Set<unknown>();
  socket.ws.on("message", (data) => got.add(JSON.parse(String(data)).id));

  socket.ws.pause();
  for (let n = 0; n < 4; n++) socket.send(frame("bulk", "query", 1 + n * 250, 250));
  const stoppedAt = await standstill(() => yielded.count);
  socket.ws.resume();
  await eventually(() => expect(got.size).toBe(1_000), PATIENCE);

  expect(stoppedAt).toBeGreaterThan(0);
  expect(stoppedAt).toBeLessThan(500);
  expect(yielded.count).toBe(1_000);
});

test("calls that wait are not executed if their socket closes", async () => {
  const { state, router } = heldCalls();
  await using server = await openGateway({ router, limits: { callsInFlight: 1 } });
  using socket = await openSocket(server.wsUrl);
  socket.send(frame("held", "mutation", 1, 10));
  await eventually(() => expect(state.running).toBe(1));

  socket.ws.terminate();
  await eventually(() => expect(server.gateway.sockets).toBe(0));
  state.open();
  using later = await openSocket(server.wsUrl);
  later.send(call(1, "ping"));
  await later.next(answerTo(1));

  expect(state.running).toBe(1);
});

test("a second call with an id that is in use is refused, and the first one is still answered", async () => {
  const { state, router } = heldCalls();
  await using server = await openGateway({ router });
  using socket = await openSocket(server.wsUrl);

  socket.send(call("a", "held", "mutation"));
  socket.send(call("a", "ping"));
  const refused = await socket.next((message) => message.id === "a" && message.error);
  state.open();

  expect(refused.json.message).toBe("Duplicate id a");
  expect((await socket.next(answerTo("a"))).result?.data?.json).toBe("done");
});

test("a socket cannot have more than twice its limit of subscriptions, with or without admission", async () => {
  await using server = await openGateway({ limits: { subscriptionsPerSocket: 2 } });
  using socket = await openSocket(server.wsUrl);
  const follow = (id: number): object => ({
    id,
    method: "subscription",
    params: { path: "follow", input: { json: {} } },
  });

  for (let id = 1; id <= 5; id++) socket.send(follow(id));
  const refused = await socket.next((message) => message.id === 5 && message.error);
  socket.send({ id: 1, method: "subscription.stop" });
  await socket.next((message) => message.id === 1 && message.result?.type === "stopped");
  socket.send(follow(6));

  expect(refused.json.data.code).toBe("TOO_MANY_REQUESTS");
  await socket.next((message) => message.id === 6 && message.result?.type === "started");
});

test("when all clients together have too much data buffered, the one with the most is cut and others continue", async () => {
  await using server = await openGateway({ limits: { totalBufferBytes: 1024 * 1024, stalledMs: 60_000 } });
  using slow = await openSocket(server.wsUrl);
  using reader = await openSocket(server.wsUrl);

  slow.send({ id: 1, method: "subscription", params: { path: "torrent" } });
  await slow.next((message) => message.result?.id === "1");
  slow.ws.pause();
  await eventually(() => expect(server.gateway.sockets).toBe(1), PATIENCE);
  reader.send(call(1, "ping"));

  expect((await reader.next(answerTo(1))).result?.data?.json).toBe("pong");
});

test("pipelined requests over the limit of a connection are refused", async () => {
  const { state, router } = heldCalls();
  await using server = await openGateway({ router, limits: { callsInFlight: 2 } });
  const post =
    "POST /trpc/held HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";

  const answering = rawExchange(server.port, post.repeat(4));
  await eventually(() => expect(state.running).toBe(2));
  state.open();
  const answer = await answering;

  expect(answer.text.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 200", "HTTP/1.1 200", "HTTP/1.1 429"]);
  expect(state.running).toBe(2);
});

test("a socket whose calls end at once does not starve other sockets", async () => {
  await using server = await openGateway({ limits: { callsPerSecondPerAddress: 1_000_000 } });
  using busy = await openSocket(server.wsUrl);
  using other = await openSocket(server.wsUrl);

  for (let n = 0; n < 4; n++) busy.send(frame("count", "mutation", 1 + n * 250, 250));
  other.send(call(1, "count", "mutation"));
  const answer = await other.next(answerTo(1));
  await busy.next(answerTo(1_000));

  expect(answer.result?.data?.json).toBeLessThan(500);
});

test("calls over the rate limit of their address wait on a socket, and are refused over HTTP", async () => {
  const yielded = { count: 0 };
  const feed = new Feed();
  const router = exampleRouter({ feed, yielded });
  await using server = await openGateway({ feed, router, limits: { callsPerSecondPerAddress: 40 } });
  using socket = await openSocket(server.wsUrl);

  socket.send(frame("count", "mutation", 1, 50));
  const batch = await fetch(`${server.url}/trpc/${Array.from({ length: 41 }, () => "ping").join(",")}?batch=1`);
  for (let id = 1; id <= 50; id++) await socket.next(answerTo(id));

  expect(batch.status).toBe(429);
  expect(batch.headers.get("retry-after")).toBe("1");
  expect(yielded.count).toBe(50);
});

/** The count, once five readings in a row, 50 ms apart, are equal. */
async function standstill(count: () => number): Promise<number> {
  let same = 0;
  let last = -1;
  await eventually(() => {
    same = count() === last ? same + 1 : 0;
    last = count();
    expect(same).toBeGreaterThanOrEqual(5);
  }, 20_000);
  return last;
}
