import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Credentials } from "./credentials.js";
import { EndingEventSource } from "./event-source.js";
import { Wake } from "./wake.js";

const encoder = new TextEncoder();
const options = () => ({ credentials: new Credentials("token"), jobToken: undefined, wake: new Wake() });

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function open(connected: string) {
  const events: string[] = [];
  const body = new TransformStream<Uint8Array, Uint8Array>();
  const writer = body.writable.getWriter();
  vi.stubGlobal("fetch", async () => new Response(body.readable, { headers: { "content-type": "text/event-stream" } }));
  const source = new EndingEventSource("http://127.0.0.1", options());
  for (const type of ["connected", "ping", "error"]) {
    source.addEventListener(type, (event) => events.push(`${type} ${Reflect.get(event, "data") ?? ""}`.trim()));
  }
  const send = async (text: string): Promise<void> => {
    await writer.write(encoder.encode(text));
    await vi.advanceTimersByTimeAsync(0);
  };
  await send(`event: connected\ndata: ${connected}\n\n`);
  return { events, send };
}

test("a stream that is silent for longer than the server announced ends, so that it is opened again", async () => {
  const { events, send } = await open('{"reconnectAfterInactivityMs":12500}');

  await vi.advanceTimersByTimeAsync(12_000);
  await send("event: ping\ndata: \n\n");
  await vi.advanceTimersByTimeAsync(12_000);
  // Part of an event that takes its time on a slow line.
  await send("data: half");
  await vi.advanceTimersByTimeAsync(12_000);
  expect(events).toEqual(["connected {}", "ping"]);
  await vi.advanceTimersByTimeAsync(501);

  expect(events).toEqual(["connected {}", "ping", "error"]);
});

test("a stream of a server that announced nothing may be silent for as long as it likes", async () => {
  const { events } = await open("{}");

  await vi.advanceTimersByTimeAsync(3_600_000);

  expect(events).toEqual(["connected {}"]);
});

test("a stream whose server does not answer ends within 15 seconds", async () => {
  const errors: unknown[] = [];
  vi.stubGlobal("fetch", () => new Promise(() => {}));
  const source = new EndingEventSource("http://127.0.0.1", options());
  source.addEventListener("error", (event) => errors.push(event.type));

  await vi.advanceTimersByTimeAsync(15_000);

  expect(errors).toEqual(["error"]);
  expect(vi.getTimerCount()).toBe(0);
});
