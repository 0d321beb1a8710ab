import { observable } from "@trpc/server/observable";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { TelltaleError } from "../../core/index.js";
import type { OperationLink, ReplyObserver } from "./operation.js";
import { StreamFallback } from "./stream-fallback.js";

const MINUTE_MS = 60_000;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

interface Sent {
  readonly via: string;
  readonly observer: ReplyObserver;
}

/** A fallback between two links that never reply by themselves, and the WebSockets that it dials. */
function world() {
  const sent: Sent[] = [];
  const dialled: EventTarget[] = [];
  const moves: string[] = [];
  let closed = 0;
  const linkOf =
    (via: string): OperationLink =>
    () =>
      observable((observer) => void sent.push({ via, observer }));
  const fallback = new StreamFallback({
    sockets: linkOf("sockets"),
    streams: linkOf("streams"),
    dial: () => {
      const socket = Object.assign(new EventTarget(), { close: () => void closed++ });
      dialled.push(socket);
      // The only members that are used.
      return socket as unknown as WebSocket;
    },
    onMove: (to) => moves.push(to),
  });
  const errors: unknown[] = [];
  const subscribe = (): void => {
    // Links get their operation from tRPC. These ones do not read it.
    fallback.link({} as never).subscribe({ error: (error) => errors.push(error) });
  };
  const last = (): Sent => {
    const one = sent.at(-1);
    if (!one) throw new Error("Nothing was sent");
    return one;
  };
  return { fallback, sent, dialled, moves, errors, subscribe, last, closed: () => closed };
}

/** A fallback whose subscriptions are streams, because no WebSocket can be opened. */
function onStreams() {
  const made = world();
  made.fallback.moveToStreams();
  made.subscribe();
  made.last().observer.next?.({ result: { type: "started" } });
  return made;
}

function lost(): never {
  return new TelltaleError("unreachable") as never;
}

test("while streams work, a WebSocket is tried when a subscription is opened, at most once a minute", () => {
  const { dialled, subscribe, last, moves, errors } = onStreams();
  vi.advanceTimersByTime(MINUTE_MS - 1);
  subscribe();
  expect(dialled).toHaveLength(0);

  vi.advanceTimersByTime(1);
  for (const _ of [1, 2, 3]) subscribe();
  dialled[0]?.dispatchEvent(new Event("error"));
  vi.advanceTimersByTime(MINUTE_MS);
  subscribe();

  expect(dialled).toHaveLength(2);
  expect(last().via).toBe("streams");
  expect([moves, errors]).toEqual([["streams"], []]);
});

test("when the tried WebSocket opens, later subscriptions use WebSockets, and lost streams follow", () => {
  const { dialled, sent, subscribe, last, moves, errors, closed } = onStreams();
  vi.advanceTimersByTime(MINUTE_MS);
  subscribe();

  dialled[0]?.dispatchEvent(new Event("open"));
  subscribe();
  expect([last().via, closed(), moves]).toEqual(["sockets", 1, ["streams", "sockets"]]);
  sent[0]?.observer.error?.(lost());

  expect(sent.map(({ via }) => via)).toEqual(["streams", "streams", "sockets", "sockets"]);
  expect(errors).toEqual([]);
});

test("a network whose WebSockets open only for a moment does not cause more than one move each way in a minute", () => {
  const { fallback, dialled, subscribe, last, moves } = onStreams();

  for (let second = 0; second < 600; second++) {
    vi.advanceTimersByTime(1_000);
    const before = dialled.length;
    subscribe();
    if (dialled.length > before) dialled.at(-1)?.dispatchEvent(new Event("open"));
    subscribe();
    if (last().via === "sockets") fallback.moveToStreams();
    subscribe();
    last().observer.next?.({ result: { type: "started" } });
  }

  expect(moves.filter((to) => to === "sockets").length).toBeGreaterThanOrEqual(9);
  expect(moves.filter((to) => to === "sockets").length).toBeLessThanOrEqual(10);
});

test("WebSockets that have worked may fail for 20 seconds before streams are tried", () => {
  const { fallback } = world();
  fallback.socketOpened();

  expect(fallback.moveToStreams()).toBe(false);
  vi.advanceTimersByTime(19_999);
  expect(fallback.moveToStreams()).toBe(false);
  fallback.socketOpened();
  vi.advanceTimersByTime(1);
  expect(fallback.moveToStreams()).toBe(false);
  vi.advanceTimersByTime(20_000);

  expect(fallback.moveToStreams()).toBe(true);
});

test("all WebSockets of a client follow to streams", () => {
  const { fallback } = onStreams();

  expect(fallback.moveToStreams()).toBe(true);
});

test("a client that closes gives up the WebSocket that it tries", () => {
  const { fallback, subscribe, closed } = onStreams();
  vi.advanceTimersByTime(MINUTE_MS);
  subscribe();

  fallback.close();

  expect(closed()).toBe(1);
});
