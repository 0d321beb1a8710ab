import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { eventually } from "@telltale/testkit";
import { expect, test } from "vitest";
import { memoryLogger } from "./memory-logger.js";
import { type OpenGateway, openGateway } from "./open-gateway.js";
import { rawExchange, upgradeHead } from "./raw-exchange.js";

const ADMITTED = "/trpc/admitted";

/** A connection from an address, and what the server has sent on it. */
interface Connection {
  readonly socket: Socket;
  readonly said: () => string;
}

async function connectFrom(server: OpenGateway, from: string, text: string): Promise<Connection> {
  const socket = connect({ port: server.port, host: "127.0.0.1", localAddress: from });
  let said = "";
  socket.on("error", () => {});
  socket.on("data", (chunk) => {
    said += chunk;
  });
  await once(socket, "connect");
  socket.write(text);
  return { socket, said: () => said };
}

const stream = (user: string, headers = ""): string =>
  `GET ${ADMITTED} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\nAuthorization: ${user}\r\n${headers}\r\n`;

test("event streams count like sockets: with two places per caller, the third is refused, and another caller's is accepted", async () => {
  await using server = await openGateway({ limits: { socketsPerSubject: 2 } });
  const open = (user: string): Promise<Connection> => connectFrom(server, "127.0.0.1", stream(user));
  const streams = [await open("ada"), await open("ada")];
  for (const { said } of streams) await eventually(() => expect(said()).toContain("admitted"));

  const third = await open("ada");
  const other = await open("bob");
  await eventually(() => expect(other.said()).toContain("admitted"));
  await eventually(() => expect(third.said()).toContain("serialized-error"));
  streams[0]?.socket.destroy();
  await eventually(() => expect(server.gateway.subscriptions).toBe(2));
  const again = await open("ada");
  await eventually(() => expect(again.said()).toContain("admitted"));

  expect(third.said()).toContain("A caller watches on at most 2 sockets and event streams together");
  for (const { socket } of [...streams, third, other, again]) socket.destroy();
  await eventually(() => expect(server.gateway.subscriptions).toBe(0));
});

test("idle connections of one address leave places for others, and the log says why they are refused", async () => {
  const { logger, lines } = memoryLogger();
  await using server = await openGateway({ logger, limits: { connectionsPerAddress: 3 } });
  const idle = [];
  for (let n = 0; n < 3; n++) idle.push(await connectFrom(server, "127.0.0.1", upgradeHead("/trpc")));
  for (const { said } of idle) await eventually(() => expect(said()).toContain(" 101 "));

  const refused = await rawExchange(server.port, "GET /trpc/ping HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const other = await connectFrom(server, "127.0.0.2", "GET /trpc/ping HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await eventually(() => expect(other.said()).toContain("pong"));
  for (const { socket } of idle) socket.destroy();
  await eventually(() => expect(server.gateway.connections).toBe(1));

  expect(refused.status).toBe(429);
  expect(lines.filter(({ message }) => message.includes("`trustProxy`"))).toHaveLength(1);
  expect((await fetch(`${server.url}/trpc/ping`)).status).toBe(200);
  other.socket.destroy();
});

test("behind a trusted proxy, the client's own address counts, over all transports", async () => {
  await using server = await openGateway({ trustProxy: 1, limits: { connectionsPerAddress: 2 } });
  const from = (address: string, head: string): Promise<Connection> =>
    connectFrom(server, "127.0.0.1", head.replace("\r\n\r\n", `\r\nX-Forwarded-For: 6.6.6.6, ${address}\r\n\r\n`));
  const socket = await from("1.2.3.4", upgradeHead("/trpc"));
  const events = await from("1.2.3.4", stream("ada"));
  await eventually(() => expect([socket.said(), events.said()].join()).toMatch(/ 101 .* 200 /s));

  const call = await from("1.2.3.4", "GET /trpc/ping HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const upgrade = await from("1.2.3.4", upgradeHead("/trpc"));
  const other = await from("1.2.3.5", "GET /trpc/ping HTTP/1.1\r\nHost: localhost\r\n\r\n");

  await eventually(() => expect(call.said()).toContain(" 429 "));
  await eventually(() => expect(upgrade.said()).toContain(" 429 "));
  await eventually(() => expect(other.said()).toContain("pong"));
  for (const one of [socket, events, call, upgrade, other]) one.socket.destroy();
});

test("behind a proxy, an address gets its place back when its call is answered or refused and when its socket closes", async () => {
  await using server = await openGateway({ trustProxy: 1, limits: { connectionsPerAddress: 1 } });
  const call = "GET /trpc/ping HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  const isIdle = (): Promise<void> => eventually(() => expect(server.gateway.connections).toBe(0));

  const statuses: (number | null)[] = [];
  for (const text of [
    call,
    call.replace("ping", "no-such-procedure"),
    upgradeHead("/trpc"),
    upgradeHead("/no-such-path"),
    upgradeHead("/trpc").replace(/Sec-WebSocket-Key.*\r\n/, ""),
    call,
  ]) {
    statuses.push((await rawExchange(server.port, text, { until: "\r\n\r\n" })).status);
    await isIdle();
  }

  expect(statuses).toEqual([200, 404, 101, 404, 400, 200]);
});

test("health checks are answered even to an address without a free place", async () => {
  await using server = await openGateway({ trustProxy: 1, limits: { connectionsPerAddress: 1 } });
  const busy = await connectFrom(server, "127.0.0.1", upgradeHead("/trpc"));
  await eventually(() => expect(busy.said()).toContain(" 101 "));

  expect((await fetch(`${server.url}/trpc/ping`)).status).toBe(429);
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  busy.socket.destroy();
});
