import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { platformWebSocket } from "#web-socket";
import { Credentials } from "./credentials.js";
import { SharedSocket } from "./shared-socket.js";
import { Wake } from "./wake.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("after the last watch has ended, a failing auth function is not called any more", async () => {
  let calls = 0;
  const WebSocket = platformWebSocket();
  if (!WebSocket) throw new Error("Node has a WebSocket");
  const socket = new SharedSocket({
    url: "ws://127.0.0.1:1",
    WebSocket,
    credentials: new Credentials(() => {
      calls++;
      throw new TypeError("Failed to fetch");
    }),
    wake: new Wake(),
    onOpen: () => {},
    onUnusable: () => false,
  });
  const op = { id: 1, type: "subscription", path: "onStatus", input: {}, context: {}, signal: null } as const;
  const watch = socket.link({ op, next: () => expect.unreachable() }).subscribe({});
  await vi.advanceTimersByTimeAsync(5_000);
  expect(calls).toBeGreaterThan(2);

  watch.unsubscribe();
  const before = calls;
  await vi.advanceTimersByTimeAsync(600_000);

  expect(calls).toBe(before);
  expect(vi.getTimerCount()).toBe(0);
});
