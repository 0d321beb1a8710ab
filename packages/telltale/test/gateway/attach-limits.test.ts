import { eventually } from "@telltale/testkit";
import { expect, test } from "vitest";
import { attached } from "./attached.js";
import { openSocket } from "./open-socket.js";
import { rawExchange, upgradeHead } from "./raw-exchange.js";

const HEAD = "HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n";

test("a body over the limit is refused on the gateway's path, but not on the host's", async () => {
  await using server = await attached({ limits: { bodyBytes: 100 } });
  const post = (path: string) => `POST ${path} ${HEAD}Content-Length: 101\r\n\r\n${"x".repeat(101)}`;

  expect((await rawExchange(server.port, post("/trpc/change"))).status).toBe(413);
  expect((await rawExchange(server.port, post("/page"))).text).toContain("x".repeat(101));
});

test("a body that never ends is cut off after requestMs, even if the host's server allows more time", async () => {
  await using server = await attached({ limits: { requestMs: 50 } });
  server.host.server.requestTimeout = 0;

  const answer = await rawExchange(server.port, `POST /trpc/change ${HEAD}Content-Length: 50\r\n\r\n{`);

  expect(answer.status).toBe(408);
  expect(server.gateway.connections).toBe(0);
});

test("a slow body is also cut off if the reply was sent before it arrived", async () => {
  await using server = await attached({ limits: { requestMs: 50 } });
  const form = `POST /trpc/change HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 50\r\n\r\n{`;

  expect((await rawExchange(server.port, form)).status).toBe(415);
});

test("too many headers are refused on the gateway's path, but not on the host's", async () => {
  await using server = await attached({ limits: { headers: 10 } });
  const lines = Array.from({ length: 10 }, () => "a:b");
  const get = (path: string) =>
    `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${lines.join("\r\n")}\r\n\r\n`;

  expect((await rawExchange(server.port, get("/trpc/ping"))).status).toBe(431);
  expect((await rawExchange(server.port, upgradeHead("/trpc", lines))).status).toBe(431);
  expect((await rawExchange(server.port, get("/page"))).status).toBe(200);
});

test("at the limit of connections, the gateway refuses more and the host still serves them", async () => {
  await using server = await attached({ limits: { connections: 2 } });
  const call = `GET /trpc/ping ${HEAD}\r\n`;
  using first = await openSocket(server.wsUrl);
  const stream = rawExchange(
    server.port,
    "GET /trpc/follow?input=%7B%22json%22%3A%7B%7D%7D HTTP/1.1\r\nHost: localhost\r\n\r\n",
  );
  await eventually(() => expect(server.feed.watchers).toBe(1));

  const refused = [await rawExchange(server.port, call), await rawExchange(server.port, upgradeHead("/trpc"))];
  const page = await fetch(`${server.url}/page`);
  first.ws.close();
  await first.closed();
  await eventually(() => expect(server.gateway.connections).toBe(1));
  const welcome = await rawExchange(server.port, call);

  expect(refused.map(({ status }) => status)).toEqual([503, 503]);
  expect(refused[1]?.text).toContain("Retry-After: 1");
  expect([page.status, welcome.status]).toEqual([200, 200]);
  await server.gateway.close({ graceMs: 0 });
  expect((await stream).status).toBe(200);
});

test("only connections with a request to the gateway count", async () => {
  await using server = await attached();

  await fetch(`${server.url}/page`);
  await fetch(`${server.url}/trpc/ping`);

  await eventually(() => expect(server.gateway.connections).toBe(0));
});

test("frames over the limit close their WebSocket", async () => {
  await using server = await attached({ limits: { frameBytes: 100 } });
  using socket = await openSocket(server.wsUrl);

  socket.send("x".repeat(101));

  expect(await socket.closed()).toBe(1009);
});
