import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Pulse } from "./pulse.js";

/** A substitute for a browser's open WebSocket, which cannot run here. */
class BrowserSocket extends EventTarget {
  readonly OPEN = 1;
  readyState = 1;
  readonly sent: string[] = [];
  isDropped = false;

  send(text: string): void {
    this.sent.push(text);
  }

  terminate(): void {
    this.isDropped = true;
    this.readyState = 3;
    this.dispatchEvent(new Event("close"));
  }

  receive(data: string): void {
    this.dispatchEvent(new MessageEvent("message", { data }));
  }
}

function open(isUsed = true) {
  const ws = new BrowserSocket();
  const news: string[] = [];
  // BrowserSocket has all members that the pulse uses.
  const pulse = new Pulse(ws as never, {
    isUsed: () => isUsed,
    onDoubt: () => news.push("doubt"),
    onProof: () => news.push("proof"),
  });
  ws.dispatchEvent(new Event("open"));
  return { ws, pulse, news };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("a WebSocket that goes silent is dropped within 15 seconds", () => {
  const { ws } = open();

  vi.advanceTimersByTime(60_000);
  expect(ws.isDropped).toBe(true);

  const other = open();
  other.ws.receive("event");
  vi.advanceTimersByTime(15_000);
  expect(other.ws.isDropped).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
});

test.each(["PONG", "an event, while the pong waits behind it"])("a WebSocket that sends %s is not dropped", (data) => {
  const { ws, news } = open();

  for (let n = 0; n < 20; n++) {
    vi.advanceTimersByTime(6_000);
    ws.receive(data);
  }

  expect(ws.isDropped).toBe(false);
  expect(ws.sent.length).toBeGreaterThan(10);
  expect(news).toEqual([]);
});

test("a WebSocket without open calls is not kept open by pings", () => {
  const { ws } = open(false);

  vi.advanceTimersByTime(60_000);

  expect(ws.sent).toEqual([]);
  expect(ws.isDropped).toBe(false);
});

test("a check marks a WebSocket as doubtful after half a second and drops it after three", () => {
  const { ws, pulse, news } = open();

  pulse.check();
  pulse.check();
  expect(ws.sent).toEqual(["PING"]);
  vi.advanceTimersByTime(500);
  expect(news).toEqual(["doubt"]);
  vi.advanceTimersByTime(2_500);

  expect(ws.isDropped).toBe(true);
});

test("a check with a late reply clears the doubt, and a quick reply causes none", () => {
  const { ws, pulse, news } = open();

  pulse.check();
  ws.receive("PONG");
  expect(news).toEqual([]);
  pulse.check();
  vi.advanceTimersByTime(2_000);
  ws.receive("PONG");
  vi.advanceTimersByTime(5_000);

  expect(news).toEqual(["doubt", "proof"]);
  expect(ws.isDropped).toBe(false);
});
