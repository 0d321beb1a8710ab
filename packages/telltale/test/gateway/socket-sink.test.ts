import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { eventually } from "@telltale/testkit";
import { expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { Admissions } from "../../src/gateway/admission/admissions.js";
import { Callers } from "../../src/gateway/admission/callers.js";
import { SocketSink } from "../../src/gateway/sockets/socket-sink.js";

const BUFFER = 64 * 1024;
const MEGABYTE = 1024 * 1024;
const never = new AbortController().signal;

/** A sink over a socket whose peer has stopped reading, so full that it is not writable. */
async function fullSink() {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false });
  await once(server, "listening");
  // A server that listens on a port has an address of this shape; the type allows for pipes as well.
  const { port } = server.address() as AddressInfo;
  const peer = new WebSocket(`ws://127.0.0.1:${port}`);
  const [[ws]] = await Promise.all([once(server, "connection"), once(peer, "open")]);
  peer.pause();
  const admissions = new Admissions({ subscriptionsPerSocket: 1, socketsPerSubject: 1 });
  const sink = new SocketSink(ws, { address: "127.0.0.1", admissions, callers: new Callers(), bufferBytes: BUFFER });
  while (sink.writable()) {
    ws.send("x".repeat(MEGABYTE));
    await new Promise(setImmediate);
  }
  return {
    sink,
    peer,
    send: (bytes: number): void => ws.send("x".repeat(bytes)),
    buffered: (): number => ws.bufferedAmount,
    terminate: (): void => ws.terminate(),
    [Symbol.dispose]: () => {
      peer.terminate();
      server.close();
    },
  };
}

test("waiting ends when the socket is cut, even without an abort", async () => {
  using full = await fullSink();
  const waiting = full.sink.drained(never);

  full.terminate();

  await expect(waiting).resolves.toBeUndefined();
  await expect(full.sink.drained(never)).resolves.toBeUndefined();
});

test("waiting ends with an abort, and not before it", async () => {
  using full = await fullSink();
  const abort = new AbortController();
  const waiting = full.sink.drained(abort.signal);

  abort.abort();

  await expect(waiting).resolves.toBeUndefined();
  await expect(full.sink.drained(abort.signal)).resolves.toBeUndefined();
});

test("many that wait together do not overfill the socket when it drains", async () => {
  using full = await fullSink();
  const most = { buffered: 0 };
  const senders = Array.from({ length: 50 }, async () => {
    await full.sink.drained(new AbortController().signal);
    full.send(MEGABYTE);
    most.buffered = Math.max(most.buffered, full.buffered());
  });

  full.peer.resume();
  await Promise.all(senders);

  expect(most.buffered).toBeLessThan(5 * MEGABYTE);
  await eventually(() => expect(full.sink.writable()).toBe(true));
});
