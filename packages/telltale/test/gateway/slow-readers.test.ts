import { connect } from "node:net";
import { eventually } from "@telltale/testkit";
import { expect, test } from "vitest";
import { exampleRouter } from "./example-router.js";
import { Feed } from "./feed.js";
import { memoryLogger } from "./memory-logger.js";
import { openGateway } from "./open-gateway.js";
import { openSocket } from "./open-socket.js";

const subscribe = (path: string): object => ({ id: 1, method: "subscription", params: { path } });
const BUFFER = 64 * 1024;
const CUT_SOON = { stalledMs: 300, cutMs: 50 };
const PATIENCE = 10_000;

test("a client that stops reading costs 64 KB and is cut, while others are served", async () => {
  const { logger, lines } = memoryLogger();
  await using server = await openGateway({ logger, limits: CUT_SOON });
  using reader = await openSocket(server.wsUrl);
  using slow = await openSocket(server.wsUrl);
  reader.send({ ...subscribe("follow"), params: { path: "follow", input: { json: {} } } });

  slow.send(subscribe("flood"));
  await slow.next((message) => message.result?.id === "1");
  slow.ws.pause();
  await eventually(() => expect(server.gateway.sockets).toBe(1), PATIENCE);
  server.feed.publish();

  await reader.next((message) => message.result?.id === "1");
  const cut = lines.find((line) => line.message.includes("stopped reading"));
  expect(cut?.data).toMatchObject({ buffered: expect.any(Number) });
  const { buffered } = { buffered: 0, ...cut?.data };
  expect(buffered).toBeGreaterThanOrEqual(BUFFER);
  expect(buffered).toBeLessThan(BUFFER + 4 * 1024);
});

test("a client that stops reading is also cut if its generator ignores backpressure", async () => {
  await using server = await openGateway({ limits: CUT_SOON });
  using slow = await openSocket(server.wsUrl);

  slow.send(subscribe("torrent"));
  await slow.next((message) => message.result?.id === "1");
  slow.ws.pause();

  await eventually(() => expect(server.gateway.sockets).toBe(0), PATIENCE);
});

test("a client that pauses for a moment gets everything and is not cut", async () => {
  const yielded = { count: 0 };
  const feed = new Feed();
  await using server = await openGateway({ feed, router: exampleRouter({ feed, yielded }) });
  using slow = await openSocket(server.wsUrl);
  const ids: number[] = [];
  slow.ws.on("message", (data) => {
    const id = JSON.parse(String(data)).result?.id;
    if (id !== undefined) ids.push(Number(id));
  });

  slow.send(subscribe("flood"));
  await eventually(() => expect(yielded.count).toBeGreaterThan(10));
  slow.ws.pause();
  const stoppedAt = await standstill(() => yielded.count);
  slow.ws.resume();
  await eventually(() => expect(ids.at(-1)).toBeGreaterThan(stoppedAt + 100), PATIENCE);

  expect(ids).toEqual(Array.from(ids, (_id, index) => index + 1));
});

test("an SSE client that stops reading pauses its generator, and ends it when it disconnects", async () => {
  const yielded = { count: 0, isOver: false };
  const feed = new Feed();
  await using server = await openGateway({ feed, router: exampleRouter({ feed, yielded }) });
  const socket = connect(server.port, "127.0.0.1");
  socket.pause();

  socket.write("GET /trpc/flood HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n");
  await eventually(() => expect(yielded.count).toBeGreaterThan(10));
  const stoppedAt = await standstill(() => yielded.count);

  expect(stoppedAt).toBeLessThan(50_000);
  socket.destroy();
  await eventually(() => expect(server.gateway.connections).toBe(0));
  await eventually(() => expect(yielded.isOver).toBe(true));
});

/** The count, once five readings in a row, 50 ms apart, are equal. */
async function standstill(count: () => number): Promise<number> {
  let same = 0;
  let last = -1;
  await eventually(() => {
    same = count() === last ? same + 1 : 0;
    last = count();
    expect(same).toBeGreaterThanOrEqual(5);
  }, 10_000);
  return last;
}
