import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { accountOf } from "./account.js";
import { attack, type Target } from "./attacked-server.js";
import { openRawWebSocket, textFrame, upgradeHead } from "./raw-web-socket.js";

const FRAME_CALLS = 250;
const LIST = { path: "list", input: { json: { tag: "none" } } };

/** Ten sockets send frames of 250 calls and never read an answer. */
export function attackWithCalls(): Promise<void> {
  return attack(8_000, async ({ port, signal, underWay }) => {
    underWay();
    const frames = await sendFrames({ port, signal }, { sockets: 10, reads: false, call: LIST });
    return `${frames} frames of ${FRAME_CALLS} calls on ten sockets that never read`;
  });
}

/** One caller lists a tag that no job has, in frames of 250 calls on four sockets, and reads all answers. */
export function attackWithLists(): Promise<void> {
  return attack(10_000, async ({ port, signal, underWay }) => {
    underWay();
    const frames = await sendFrames({ port, signal }, { sockets: 4, reads: true, call: LIST });
    return `${frames} frames of ${FRAME_CALLS} lists on four sockets`;
  });
}

/** 600 requests each send almost a megabyte and never finish. */
export function attackWithBodies(): Promise<void> {
  return attack(10_000, async ({ port, signal, underWay }) => {
    underWay();
    const body = Buffer.alloc(1_000_000, " ");
    const sockets: Socket[] = [];
    let closed = 0;
    for (let opened = 0; opened < 600 && !signal.aborted; opened++) {
      const socket = await open(port);
      sockets.push(socket);
      socket.on("close", () => closed++);
      socket.resume();
      socket.write(`${postHead(`Bearer ${accountOf("attacker")}`)}Content-Length: 1000001\r\n\r\n`);
      socket.write(body);
    }
    await ended(signal);
    const report = `${sockets.length} unfinished bodies of 1 MB, of which the server ended ${closed}`;
    for (const socket of sockets) socket.destroy();
    return report;
  });
}

/** One address holds 10,010 WebSockets that do nothing, and one caller holds 400 event streams. */
export function attackWithPlaces(): Promise<void> {
  return attack(6_000, async ({ port, signal, underWay }) => {
    const authorization = `Bearer ${accountOf("attacker")}`;
    const streams = await hold(port, { count: 400, signal, bytes: await streamHead(port, authorization) });
    const idle = await hold(port, { count: 10_010, signal, bytes: upgradeHead(authorization) });
    underWay();
    await ended(signal);
    const report = `${streams.open()} of 400 event streams and ${idle.open()} of 10,010 idle WebSockets held`;
    streams.end();
    idle.end();
    return report;
  });
}

interface Flood {
  readonly sockets: number;
  readonly reads: boolean;
  readonly call: object;
}

async function sendFrames(
  { port, signal }: Pick<Target, "port" | "signal">,
  { sockets, reads, call }: Flood,
): Promise<number> {
  let frames = 0;
  await Promise.all(
    Array.from({ length: sockets }, async () => {
      let id = 0;
      const socket = await openRawWebSocket(port, `Bearer ${accountOf("attacker")}`);
      if (reads) socket.resume();
      while (!signal.aborted && !socket.destroyed) {
        const calls = Array.from({ length: FRAME_CALLS }, () => ({ id: ++id, method: "query", params: call }));
        const isFull = !socket.write(textFrame(JSON.stringify(calls)));
        frames++;
        if (isFull) await Promise.race([once(socket, "drain", { signal }).catch(() => {}), once(socket, "close")]);
        else await sleep(0);
      }
      socket.destroy();
    }),
  );
  return frames;
}

async function hold(
  port: number,
  { count, signal, bytes }: Readonly<{ count: number; signal: AbortSignal; bytes: string }>,
): Promise<{ open: () => number; end: () => void }> {
  const sockets: Socket[] = [];
  for (let opened = 0; opened < count && !signal.aborted; opened++) {
    const socket = await open(port);
    socket.resume();
    socket.write(bytes);
    sockets.push(socket);
  }
  // Refused streams need a moment to be told.
  await sleep(500);
  return {
    open: () => sockets.filter((socket) => !socket.destroyed && !socket.readableEnded).length,
    end: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}

async function streamHead(port: number, authorization: string): Promise<string> {
  const submitted = await fetch(`http://127.0.0.1:${port}/trpc/submit`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization },
    body: JSON.stringify({
      json: { kind: "judge", input: { problem: "sum", language: "javascript", source: "const solve = () => 0;" } },
    }),
  });
  const { result } = await submitted.json();
  const input = encodeURIComponent(JSON.stringify({ json: { id: result.data.json.id } }));
  return `GET /trpc/onStatus?input=${input} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\nAuthorization: ${authorization}\r\n\r\n`;
}

async function open(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  await Promise.race([once(socket, "connect"), once(socket, "close")]);
  return socket;
}

function postHead(authorization: string): string {
  return [
    "POST /trpc/submit HTTP/1.1",
    "Host: localhost",
    "Content-Type: application/json",
    `Authorization: ${authorization}`,
    "",
  ].join("\r\n");
}

function ended(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
