import { connect } from "node:net";
import { eventually } from "@telltale/testkit";
import { describe, expect, test } from "vitest";
import { openGateway } from "./open-gateway.js";
import { rawExchange, upgradeHead } from "./raw-exchange.js";

const JSON_TYPE = { "content-type": "application/json" };
const LIMIT = 1024 * 1024;

describe("a body over 1 MB is refused with 413", () => {
  test("by its Content-Length, without being read", async () => {
    await using server = await openGateway();

    const answer = await rawExchange(
      server.port,
      `POST /trpc/change HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${LIMIT + 1}\r\n\r\n`,
    );

    expect(answer.status).toBe(413);
  });

  test("when its chunks exceed the limit, and the connection is closed", async () => {
    await using server = await openGateway();
    const chunk = `10000\r\n${"x".repeat(0x10000)}\r\n`;

    const answer = await rawExchange(
      server.port,
      `POST /trpc/change HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${chunk.repeat(20)}`,
    );

    expect(answer.status).toBe(413);
    expect(answer.text).toMatch(/^connection: close\r$/im);
  });

  test("while one of exactly 1 MB is read", async () => {
    await using server = await openGateway();
    const body = JSON.stringify({ json: { n: 1, pad: "" } });

    const answer = await fetch(`${server.url}/trpc/change`, {
      method: "POST",
      headers: JSON_TYPE,
      body: body.replace('""', `"${"x".repeat(LIMIT - body.length)}"`),
    });

    expect(answer.status).toBe(200);
  });
});

describe("a batch of more than 50 calls is refused as a whole", () => {
  test("over HTTP", async () => {
    await using server = await openGateway();
    const batch = (n: number): Promise<Response> =>
      fetch(`${server.url}/trpc/${Array.from({ length: n }, () => "ping").join(",")}?batch=1`);

    expect((await batch(50)).status).toBe(200);
    const refused = await batch(51);
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({
      error: { json: { message: "A batch holds at most 50 calls", data: { code: "BAD_REQUEST", httpStatus: 400 } } },
    });
  });

  test("over HTTP, with commas that are encoded", async () => {
    await using server = await openGateway();

    const paths = Array.from({ length: 51 }, () => "ping").join("%2c");

    expect((await fetch(`${server.url}/trpc/${paths}?batch=1`)).status).toBe(400);
  });

  test("over HTTP, with 10,000 empty paths", async () => {
    await using server = await openGateway();

    expect((await fetch(`${server.url}/trpc/${",".repeat(10_000)}?batch=1`)).status).toBe(400);
  });
});

describe("a link or form cannot forge a mutation", () => {
  test.each([
    ["GET", `change?input=${encodeURIComponent('{"json":{"n":1}}')}`, { cookie: "session=1" }, 405],
    ["GET", "change?_method=POST", { "x-http-method-override": "POST", cookie: "session=1" }, 405],
    ["POST", "change", { "content-type": "text/plain", cookie: "session=1" }, 415],
    ["POST", "change", { "content-type": "application/x-www-form-urlencoded" }, 415],
    ["PUT", "change", JSON_TYPE, 405],
    ["DELETE", "change", JSON_TYPE, 405],
  ])("%s /trpc/%s", async (method, target, headers, status) => {
    await using server = await openGateway();

    const answer = await fetch(`${server.url}/trpc/${target}`, {
      method,
      headers,
      ...(method === "GET" ? {} : { body: '{"json":{"n":1}}' }),
    });

    expect(answer.status).toBe(status);
  });
});

describe("malformed requests are answered and end", () => {
  const get = (headers: string): string => `GET /trpc/ping HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n`;
  test.each([
    ["a header of 64 KB", get(`X-Long: ${"x".repeat(65_536)}\r\n`), 431],
    ["2,001 headers", get("a:b\r\n".repeat(2_001)), 431],
    ["129 headers", get("a:b\r\n".repeat(128)), 431],
    [
      "129 headers of an upgrade",
      upgradeHead(
        "/trpc",
        Array.from({ length: 128 }, () => "a:b"),
      ),
      431,
    ],
    ["no HTTP request", "\u0016\u0003\u0001\u0002\u0000\r\n\r\n", 400],
    ["no host", "GET /trpc/ping HTTP/1.1\r\n\r\n", 400],
    ["two Content-Length headers", get("Content-Length: 1\r\nContent-Length: 2\r\n"), 400],
    ["an invalid escape in the path", "GET /trpc/%zz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 400],
    ["a subprotocol of blanks", upgradeHead("/trpc", [`Sec-WebSocket-Protocol: b${" ".repeat(8_000)}x`]), 400],
    ["a subprotocol of 32,000 blanks", upgradeHead("/trpc", [`Sec-WebSocket-Protocol: b${" ".repeat(32_000)}x`]), 431],
    ["an upgrade to something else", upgradeHead("/trpc").replace("websocket", "h2c"), 400],
    ["an upgrade without a key", upgradeHead("/trpc").replace(/Sec-WebSocket-Key.*\r\n/, ""), 400],
    ["a CONNECT", "CONNECT x:443 HTTP/1.1\r\nHost: localhost\r\n\r\n", null],
  ])("%s", async (_name, bytes, status) => {
    await using server = await openGateway();

    const answer = await rawExchange(server.port, bytes);

    expect(answer.status).toBe(status);
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  });

  test("an extension named like a property of every object is ignored", async () => {
    await using server = await openGateway();

    const answer = await rawExchange(
      server.port,
      upgradeHead("/trpc", ["Sec-WebSocket-Extensions: constructor, permessage-deflate"]),
      { until: "\r\n\r\n" },
    );

    expect(answer.status).toBe(101);
    expect(answer.text).not.toContain("Sec-WebSocket-Extensions");
  });

  test("headers that never end are cut off with 408", async () => {
    await using server = await openGateway({ limits: { headersMs: 100 } });

    const answer = await rawExchange(server.port, "GET /trpc HTTP/1.1\r\nHost: localhost\r\nUpgr");

    expect(answer.status).toBe(408);
  });

  test("a body that never ends is cut off", async () => {
    await using server = await openGateway({ limits: { headersMs: 100, requestMs: 100 } });

    const answer = await rawExchange(
      server.port,
      "POST /trpc/change HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{",
    );

    expect(answer.status).toBe(408);
  });
});

test("a refused client that keeps its half open does not hold a connection", async () => {
  await using server = await openGateway();
  const socket = connect({ port: server.port, host: "127.0.0.1", allowHalfOpen: true });
  socket.resume();

  socket.write(upgradeHead("/other"));
  await new Promise((resolve) => socket.once("end", resolve));

  await eventually(() => expect(server.gateway.connections).toBe(0));
  socket.destroy();
});

test("exactly as many connections as the limit are served", async () => {
  await using server = await openGateway({ limits: { connections: 2 } });
  const head = "GET /trpc/ping HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  const idle = connect(server.port, "127.0.0.1");
  await new Promise((resolve) => idle.once("connect", resolve));
  await eventually(() => expect(server.gateway.connections).toBe(1));

  expect((await rawExchange(server.port, head)).status).toBe(200);
  await eventually(() => expect(server.gateway.connections).toBe(1));
  const upgraded = await rawExchange(server.port, upgradeHead("/trpc"), { until: "\r\n\r\n" });
  expect(upgraded.status).toBe(101);
  await eventually(() => expect(server.gateway.connections).toBe(1));
  const second = connect(server.port, "127.0.0.1");
  await new Promise((resolve) => second.once("connect", resolve));
  await eventually(() => expect(server.gateway.connections).toBe(2));

  expect((await rawExchange(server.port, head)).status).toBe(503);
  for (const socket of [idle, second]) socket.destroy();
});

test("over the limit of connections, all requests but health checks are answered with 503", async () => {
  await using server = await openGateway({ limits: { connections: 2 } });
  const idle = [connect(server.port, "127.0.0.1"), connect(server.port, "127.0.0.1")];
  await Promise.all(idle.map((socket) => new Promise((resolve) => socket.once("connect", resolve))));

  const call = await rawExchange(
    server.port,
    "GET /trpc/ping HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
  );
  const upgrade = await rawExchange(server.port, upgradeHead("/trpc"));
  const probe = await rawExchange(server.port, "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");

  expect([call.status, upgrade.status, probe.status]).toEqual([503, 503, 200]);
  expect(upgrade.text).toContain("Retry-After: 1");
  for (const socket of idle) socket.destroy();
});
