import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { promptlyClosing } from "./promptly-closing.js";

/** A substitute for a browser's WebSocket, which cannot run here. After `close` it waits until the test calls `answer`. */
class BrowserSocket extends EventTarget {
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;
  #state = 0;

  get readyState(): number {
    return this.#state;
  }

  open(): void {
    this.#state = BrowserSocket.OPEN;
    this.dispatchEvent(new Event("open"));
  }

  close(): void {
    this.#state = BrowserSocket.CLOSING;
  }

  answer(): void {
    this.#state = BrowserSocket.CLOSED;
    this.dispatchEvent(new Event("close"));
  }
}

function create() {
  // BrowserSocket has all members that the wrapper uses.
  const Prompt = promptlyClosing(BrowserSocket as never);
  const socket = new Prompt("ws://127.0.0.1") as WebSocket & BrowserSocket;
  const closes: unknown[] = [];
  socket.addEventListener("close", (event) => closes.push(Reflect.get(event, "code") ?? "answered"));
  return { socket, closes };
}

function open() {
  const made = create();
  made.socket.open();
  return made;
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("a close without an answer dispatches one close event after two seconds", () => {
  const { socket, closes } = open();

  socket.close();
  vi.advanceTimersByTime(1_999);
  expect(closes).toEqual([]);
  vi.advanceTimersByTime(1);
  socket.answer();

  expect(closes).toEqual([4999]);
  expect(socket.readyState).toBe(BrowserSocket.CLOSED);
});

test("a close that is answered dispatches the socket's own event only", () => {
  const { socket, closes } = open();

  socket.close();
  socket.answer();
  vi.advanceTimersByTime(10_000);

  expect(closes).toEqual(["answered"]);
});

test("a socket that opens stays open, and one that does not open within ten seconds is closed", () => {
  const { socket: opened, closes } = open();
  const { socket: stuck } = create();

  vi.advanceTimersByTime(10_000);
  vi.advanceTimersByTime(60_000);

  expect(closes).toEqual([]);
  expect(opened.readyState).toBe(BrowserSocket.OPEN);
  expect(stuck.readyState).toBe(BrowserSocket.CLOSED);
});
