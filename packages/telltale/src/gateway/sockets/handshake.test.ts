import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import { awaitHandshake } from "./handshake.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A server's socket that is not connected, and the codes with which it was closed. */
function socket() {
  // As a WebSocketServer makes it. The types of ws lack these parameters.
  const ws: WebSocket = Reflect.construct(WebSocket, [null, undefined, {}]);
  const closed: (number | undefined)[] = [];
  ws.close = (code) => void closed.push(code);
  awaitHandshake(ws, 5_000);
  const say = (text: string, isBinary = false): void => void ws.emit("message", Buffer.from(text), isBinary);
  const listeners = (): number => ws.listenerCount("message") + ws.listenerCount("close");
  return { ws, closed, say, listeners };
}

const PARAMS = JSON.stringify({ method: "connectionParams", data: { authorization: "Bearer t" } });

test("a socket that does not send its connectionParams in time is closed with 4408", () => {
  const { closed } = socket();

  vi.advanceTimersByTime(4_999);
  expect(closed).toEqual([]);
  vi.advanceTimersByTime(1);

  expect(closed).toEqual([4408]);
});

test("a socket that sent its connectionParams is not closed later, and leaves no timer and no listener behind", () => {
  const { closed, say, listeners } = socket();

  say(PARAMS);

  expect(vi.getTimerCount()).toBe(0);
  expect(listeners()).toBe(0);
  vi.advanceTimersByTime(60_000);
  expect(closed).toEqual([]);
});

test("a socket that closes before its handshake leaves no timer and no listener behind", () => {
  const { ws, listeners } = socket();

  ws.emit("close", 1006, Buffer.alloc(0));

  expect(vi.getTimerCount()).toBe(0);
  expect(listeners()).toBe(0);
});

test("heartbeats do not count as the first message", () => {
  const { closed, say } = socket();

  say("PING");
  say("PONG");
  vi.advanceTimersByTime(4_999);
  expect(closed).toEqual([]);
  vi.advanceTimersByTime(1);

  expect(closed).toEqual([4408]);
});

test.each([
  ["another message", JSON.stringify({ id: 1, method: "query", params: { path: "ping" } }), false],
  ["no JSON", "{", false],
  ["null", "null", false],
  ["text", '"connectionParams"', false],
  ["params that are not texts", JSON.stringify({ method: "connectionParams", data: { a: 1 } }), false],
  ["params without data", JSON.stringify({ method: "connectionParams" }), false],
  ["another method with data", JSON.stringify({ method: "other", data: {} }), false],
  ["a binary message", PARAMS, true],
])("a socket whose first message is %s is closed with 4400, after the adapter's reply", (_, text, isBinary) => {
  const { closed, say, listeners } = socket();

  say(text, isBinary);

  expect(closed).toEqual([]);
  vi.runAllTimers();
  expect(closed).toEqual([4400]);
  expect(listeners()).toBe(0);
});
