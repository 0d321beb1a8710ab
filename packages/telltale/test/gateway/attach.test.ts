import { createServer, IncomingMessage, Server } from "node:http";
import { eventually } from "@telltale/testkit";
import {
  createTRPCClient,
  createWSClient,
  httpBatchLink,
  httpSubscriptionLink,
  splitLink,
  type TRPCLink,
  wsLink,
} from "@trpc/client";
import { EventSource } from "eventsource";
import express from "express";
import { SuperJSON } from "superjson";
import { describe, expect, test, vi } from "vitest";
import { WebSocketServer } from "ws";
import { attached, exampleGateway } from "./attached.js";
import { ClientSocket } from "./client-socket.js";
import type { ExampleRouter } from "./example-router.js";
import { HOSTS, host } from "./hosts.js";
import { answerTo, openSocket } from "./open-socket.js";
import { rawExchange, upgradeHead } from "./raw-exchange.js";

const AT = new Date("2026-11-20T10:00:00.123Z");
const PING = { id: 1, method: "query", params: { path: "ping" } };

describe.each(Object.entries(HOSTS))("on a server of %s", (_name, open) => {
  test("calls, event streams and WebSockets reach the router, and all other requests reach the host's own pages", async () => {
    await using server = await attached({ host: open() });
    const { url, wsUrl, feed } = server;
    const ws = createWSClient({ url: wsUrl, WebSocket: ClientSocket, connectionParams: { user: "ada" } });
    const transformer = SuperJSON;
    const over = (subscriptions: TRPCLink<ExampleRouter>) =>
      createTRPCClient<ExampleRouter>({
        links: [
          splitLink({
            condition: ({ type }) => type === "subscription",
            true: subscriptions,
            false: httpBatchLink({ url: `${url}/trpc`, transformer, methodOverride: "POST" }),
          }),
        ],
      });
    const overSockets = over(wsLink({ client: ws, transformer }));
    const overEvents = over(httpSubscriptionLink({ url: `${url}/trpc`, transformer, EventSource }));
    const onData = vi.fn();

    const watches = [overSockets, overEvents].map((client) => client.follow.subscribe({}, { onData }));
    const answers = await Promise.all([overSockets.echo.query({ at: AT }), overEvents.change.mutate({ n: 7 })]);
    await eventually(() => expect(feed.watchers).toBe(2));
    feed.publish();
    await eventually(() => expect(onData).toHaveBeenCalledTimes(2));

    expect(answers).toEqual([{ at: AT }, { changed: 7 }]);
    expect(onData.mock.calls.map(([{ data }]) => data)).toEqual([1, 1].map((n) => ({ n, at: new Date(n) })));
    for (const path of ["/", "/trpcx", "/healthz", "/metrics", "/x/trpc/ping"]) {
      expect(await (await fetch(url + path)).text()).toBe(`page GET ${path} `);
    }
    const posted = await fetch(`${url}/a?b=c`, { method: "POST", body: "hello" });
    expect(await posted.text()).toBe("page POST /a?b=c hello");
    for (const watch of watches) watch.unsubscribe();
    await ws.close();
  });

  test("the gateway can be attached while the server listens", async () => {
    await using site = open();
    const port = await site.listen();
    await using gateway = exampleGateway();
    gateway.attach(site.server);

    using socket = await openSocket(`ws://127.0.0.1:${port}/trpc`);
    socket.send(PING);

    expect((await socket.next(answerTo(1))).result?.data?.json).toBe("pong");
    expect((await fetch(`http://127.0.0.1:${port}/trpc/ping`)).status).toBe(200);
    expect((await fetch(`http://127.0.0.1:${port}/trpc`)).status).toBe(404);
  });
});

describe("a host with its own WebSockets", () => {
  const chat = (server: Server): void => {
    new WebSocketServer({ server, path: "/chat" }).on("connection", (ws) => ws.send('{"id":"from the host"}'));
  };
  test.each([
    ["before", true],
    ["after", false],
  ])("still serves them, whether they were set up %s the gateway was attached", async (_when, isBefore) => {
    await using site = HOSTS["node:http"]();
    await using gateway = exampleGateway();
    if (isBefore) chat(site.server);
    gateway.attach(site.server);
    if (!isBefore) chat(site.server);
    const port = await site.listen();

    using ours = await openSocket(`ws://127.0.0.1:${port}/trpc`);
    using theirs = await openSocket(`ws://127.0.0.1:${port}/chat`);
    await theirs.next(answerTo("from the host"));
    ours.send(PING);

    expect((await ours.next(answerTo(1))).result?.data?.json).toBe("pong");
    expect(gateway.sockets).toBe(1);
    // The host refuses a path that neither of them serves.
    expect((await rawExchange(port, upgradeHead("/nobody"))).status).toBe(400);
  });

  test("cannot close the gateway's, even if it ends every upgrade that it does not know", async () => {
    await using server = await attached();
    server.host.server.on("upgrade", (_req, socket) => socket.end()); // As Next.js does where a page matches the path.

    using socket = await openSocket(server.wsUrl);
    socket.send(PING);

    expect((await socket.next(answerTo(1))).result?.data?.json).toBe("pong");
  });
});

test("a host that accepts no upgrades still gets none, while the gateway gets its own", async () => {
  // Node 20 does not have this option, and ignores upgrades without a listener.
  const options = { keepAliveTimeout: 1_000, shouldUpgradeCallback: () => false };
  const site = host(createServer(options, (_req, res) => res.end("page")));
  await using server = await attached({ host: site });
  using socket = await openSocket(server.wsUrl);
  socket.send(PING);

  const answer = await rawExchange(server.port, upgradeHead("/other"), { until: "page" });

  expect((await socket.next(answerTo(1))).result?.data?.json).toBe("pong");
  expect(answer.status).toBe(200);
});

test("without WebSockets of its own, the host gets an unknown upgrade as an ordinary request, with its body", async () => {
  await using server = await attached();
  const h2c = ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA"];

  const answer = await rawExchange(
    server.port,
    `POST /page HTTP/1.1\r\nHost: localhost\r\n${h2c.join("\r\n")}\r\nContent-Length: 5\r\n\r\nhello`,
    { until: "hello" },
  );

  expect(answer.status).toBe(200);
  expect(answer.text).toContain("page POST /page hello");
});

test("a host with a checkContinue listener does not get the gateway's requests there", async () => {
  await using server = await attached();
  const onContinue = vi.fn((_req, res) => res.writeHead(417).end());
  server.host.server.on("checkContinue", onContinue);
  const post = (path: string): string =>
    `POST ${path} HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 16\r\n\r\n`;

  const ours = await rawExchange(server.port, post("/trpc/change"), { thenWrite: Buffer.from('{"json":{"n":1}}') });
  const theirs = await rawExchange(server.port, post("/other"));

  expect(ours.text).toMatch(/^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 200 OK/);
  expect(theirs.status).toBe(417);
  expect(onContinue).toHaveBeenCalledTimes(1);
});

test("tools that instrument every http.Server see each request of the host and the gateway once", async () => {
  const urls: unknown[] = [];
  const { emit } = Server.prototype;
  const spy = vi.spyOn(Server.prototype, "emit").mockImplementation(function (this: Server, event, ...args: unknown[]) {
    const [req] = args;
    if (req instanceof IncomingMessage) urls.push(req.url);
    return Reflect.apply(emit, this, [event, ...args]);
  });
  await using server = await attached();

  await fetch(`${server.url}/page`);
  await fetch(`${server.url}/trpc/ping`);
  spy.mockRestore();

  expect(urls).toEqual(["/page", "/trpc/ping"]);
});

test("on loopback, only the gateway's requests need a Host that names this machine", async () => {
  await using server = await attached();
  await using wide = await attached({ address: "0.0.0.0" });
  const status = async (port: number, path: string): Promise<number | null> => {
    const head = `GET ${path} HTTP/1.1\r\nHost: rebound.example\r\nConnection: close\r\n\r\n`;
    return (await rawExchange(port, head)).status;
  };
  const upgrade = await rawExchange(server.port, upgradeHead("/trpc", ["Host: rebound.example"]));

  expect(upgrade.status).toBe(421);
  expect(await status(server.port, "/trpc/ping")).toBe(421);
  expect(await status(server.port, "/page")).toBe(200);
  expect(await status(wide.port, "/trpc/ping")).toBe(200);
});

test("the gateway answers health checks if the options ask for it", async () => {
  await using server = await attached({ attach: { probes: true }, metrics: async () => "up 1\n" });

  expect(await (await fetch(`${server.url}/healthz`)).json()).toEqual({ status: "ok" });
  expect(await (await fetch(`${server.url}/readyz`)).json()).toEqual({ status: "ready" });
  expect(await (await fetch(`${server.url}/metrics`)).text()).toBe("up 1\n");
  expect(await (await fetch(`${server.url}/other`)).text()).toBe("page GET /other ");
});

test("an app in place of its server is refused", () => {
  const app = express();

  // @ts-expect-error: an Express app is a function.
  expect(() => exampleGateway().attach(app)).toThrow(/attach\(\) needs a server of node:http/);
  expect(() => exampleGateway().attach(createServer(app))).not.toThrow();
});

test("a server that was closed and listens again serves the gateway again", async () => {
  await using gateway = exampleGateway();
  await using site = host(createServer());
  await site.listen();
  await site[Symbol.asyncDispose]();

  gateway.attach(site.server);
  const port = await site.listen();

  expect((await fetch(`http://127.0.0.1:${port}/trpc/ping`)).status).toBe(200);
});
