import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { promptlyClosing } from "./promptly-closing.js";

/** Stands in for a browser's class, which cannot run here: its close waits for an answer that `answer` gives. */
class BrowserSocket extends EventTarget {
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;
  #state = BrowserSocket.OPEN;

  get readyState(): number {
    return this.#state;
  }

  close(): void {
    this.#state = BrowserSocket.CLOSING;
  }

  answer(): void {
    this.#state = BrowserSocket.CLOSED;
    this.dispatchEvent(new Event("close"));
  }
}

function open() {
  // The stand-in has what the wrapper touches.
  const Prompt = promptlyClosing(BrowserSocket as never);
  const socket = new Prompt("ws://127.0.0.1") as WebSocket & BrowserSocket;
  const closes: unknown[] = [];
  socket.addEventListener("close", (event) => closes.push(Reflect.get(event, "code") ?? "answered"));
  return { socket, closes };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("a close that nobody answers is raised after two seconds, and only once", () => {
  const { socket, closes } = open();

  socket.close();
  vi.advanceTimersByTime(1_999);
  expect(closes).toEqual([]);
  vi.advanceTimersByTime(1);
  socket.answer();

  expect(closes).toEqual([4999]);
  expect(socket.readyState).toBe(BrowserSocket.CLOSED);
});

test("a close that is answered is the other end's", () => {
  const { socket, closes } = open();

  socket.close();
  socket.answer();
  vi.advanceTimersByTime(10_000);

  expect(closes).toEqual(["answered"]);
});
