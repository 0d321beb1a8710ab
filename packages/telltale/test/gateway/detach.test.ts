import { connect } from "node:net";
import { eventually } from "@telltale/testkit";
import { fastify } from "fastify";
import { expect, test, vi } from "vitest";
import { attached, exampleGateway } from "./attached.js";
import { exampleRouter } from "./example-router.js";
import { Feed } from "./feed.js";
import { HOSTS, type Host } from "./hosts.js";
import { openSocket } from "./open-socket.js";
import { rawExchange, upgradeHead } from "./raw-exchange.js";

const FOLLOW = "GET /trpc/follow?input=%7B%22json%22%3A%7B%7D%7D HTTP/1.1\r\nHost: localhost\r\n\r\n";

/** The listeners, properties and settings of a server that a gateway could leave changed. */
function traces({ server }: Host): unknown {
  const counts = server.eventNames().map((event) => [event, server.listenerCount(event)]);
  return [counts, Object.getOwnPropertyNames(server), server.emit, Reflect.get(server, "shouldUpgradeCallback")];
}

test("closing drains the gateway's clients, leaves nothing behind, and the host keeps serving", async () => {
  await using site = HOSTS["node:http"]();
  await site.listen();
  const before = traces(site);
  await using server = await attached({ host: site });
  expect(traces(site)).not.toEqual(before);
  using watcher = await openSocket(server.wsUrl);
  const isAsked = watcher.next((message) => message.method === "reconnect");
  const stream = rawExchange(server.port, FOLLOW);
  await eventually(() => expect(server.feed.watchers).toBe(1));
  const idle = rawExchange(server.port, "GET /page HTTP/1.1\r\nHost: localhost\r\n\r\n", { until: "page GET" });

  await server.gateway.close({ graceMs: 50 });
  const page = await fetch(`${server.url}/trpc/ping`);
  const upgrade = await rawExchange(server.port, upgradeHead("/trpc"), { until: "page GET" });

  expect(await isAsked).toBe(true);
  expect(await watcher.closed()).toBe(1012);
  expect((await stream).text).toContain("event: connected");
  expect((await idle).status).toBe(200);
  expect([server.gateway.connections, server.gateway.sockets, server.feed.watchers]).toEqual([0, 0, 0]);
  expect(await page.text()).toBe("page GET /trpc/ping ");
  expect(upgrade.status).toBe(200);
  expect(site.server.listening).toBe(true);
  expect(traces(site)).toEqual(before);
});

test("a running call is answered during the drain, and cut after the grace period", async () => {
  const feed = new Feed();
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const entered = vi.fn();
  await using quick = await attached({ router: exampleRouter({ feed, gate: { opened, entered } }) });
  const never = new Promise<void>(() => {});
  await using slow = await attached({ router: exampleRouter({ feed, gate: { opened: never, entered } }) });
  const call = (url: string): Promise<Response> =>
    fetch(`${url}/trpc/held`, { method: "POST", headers: { "content-type": "application/json" } });
  const [answered, cut] = [call(quick.url), call(slow.url)];
  const isCut = expect(cut).rejects.toThrow();
  await eventually(() => expect(entered).toHaveBeenCalledTimes(2));

  const closing = quick.gateway.close({ graceMs: 8_000 });
  const upgrade = await rawExchange(quick.port, upgradeHead("/trpc"));
  open();
  await closing;
  await slow.gateway.close({ graceMs: 20 });

  expect(upgrade.status).toBe(503);
  expect(await (await answered).json()).toEqual({ result: { data: { json: "done" } } });
  await isCut;
  for (const { url } of [quick, slow]) expect((await fetch(`${url}/page`)).status).toBe(200);
});

test("a connection that breaks with queued calls does not delay the drain", async () => {
  const entered = vi.fn();
  const gate = { opened: new Promise<void>(() => {}), entered };
  await using server = await attached({ router: exampleRouter({ feed: new Feed(), gate }) });
  const held =
    "POST /trpc/held HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nContent-Type: application/json\r\n\r\n";
  const socket = connect(server.port, "127.0.0.1");
  socket.write(held.repeat(5));
  await eventually(() => expect(entered).toHaveBeenCalledTimes(5));
  expect(server.gateway.connections).toBe(1);

  socket.destroy();
  await eventually(() => expect(server.gateway.connections).toBe(0));
  const startedAt = performance.now();
  await server.gateway.close({ graceMs: 8_000 });

  expect(performance.now() - startedAt).toBeLessThan(4_000);
});

test("two gateways share a server by path, and each is closed without the other", async () => {
  await using server = await attached();
  const before = server.host.server.listenerCount("upgrade");
  const other = exampleGateway({ path: "/admin/trpc" });
  other.attach(server.host.server);
  const status = async (path: string): Promise<number> => (await fetch(server.url + path)).status;
  const wsUrl = server.wsUrl.replace("/trpc", "/admin/trpc");
  using _ours = await openSocket(server.wsUrl);
  using _theirs = await openSocket(wsUrl);

  expect([server.gateway.sockets, other.sockets]).toEqual([1, 1]);
  expect([await status("/trpc/ping"), await status("/admin/trpc/ping")]).toEqual([200, 200]);
  expect(server.host.server.listenerCount("upgrade")).toBe(before);
  await other.close({ graceMs: 0 });

  expect([server.gateway.sockets, other.sockets]).toEqual([1, 0]);
  expect(await status("/trpc/ping")).toBe(200);
  expect(await (await fetch(`${server.url}/admin/trpc/ping`)).text()).toBe("page GET /admin/trpc/ping ");
  await using next = exampleGateway({ path: "/admin/trpc" });
  next.attach(server.host.server);
  expect(await status("/admin/trpc/ping")).toBe(200);
});

test("a second gateway at the same path, or one above or below it, is refused and changes nothing", async () => {
  await using server = await attached({ path: "/a/trpc" });
  const message = /This server has a gateway at \/a\/trpc already/;

  expect(() => server.gateway.attach(server.host.server)).toThrow(message);
  for (const path of ["/a/trpc", "/a", "/a/trpc/b"]) {
    const refuse = (): void => exampleGateway({ path }).attach(server.host.server);
    expect(refuse).toThrow(message);
    expect(refuse).toThrow(expect.objectContaining({ code: "invalid_config" }));
  }

  await using neighbour = exampleGateway({ path: "/a/trpc2" });
  neighbour.attach(server.host.server);
  expect((await fetch(`${server.url}/a/trpc/ping`)).status).toBe(200);
  expect((await fetch(`${server.url}/a/trpc2/ping`)).status).toBe(200);
});

test("one gateway serves several servers and its own port, and drains them all", async () => {
  await using server = await attached();
  await using second = HOSTS["Express 5"]();
  server.gateway.attach(second.server);
  const ports = [server.port, await second.listen(), (await server.gateway.listen(0)).port];
  const sockets = await Promise.all(ports.map((port) => openSocket(`ws://127.0.0.1:${port}/trpc`)));
  expect(server.gateway.sockets).toBe(3);

  await server.gateway.close({ graceMs: 0 });

  expect(await Promise.all(sockets.map((socket) => socket.closed()))).toEqual([1012, 1012, 1012]);
  expect(await (await fetch(`http://127.0.0.1:${ports[1]}/trpc/ping`)).text()).toBe("page GET /trpc/ping ");
  await expect(fetch(`http://127.0.0.1:${ports[2]}/trpc/ping`)).rejects.toThrow();
});

test("Fastify closes without waiting for a WebSocket when the gateway is closed in its preClose hook", async () => {
  const app = fastify();
  const gateway = exampleGateway();
  gateway.attach(app.server);
  app.addHook("preClose", () => gateway.close({ graceMs: 0 }));
  using socket = await openSocket(`${(await app.listen({ port: 0, host: "127.0.0.1" })).replace("http", "ws")}/trpc`);

  await app.close();

  expect(await socket.closed()).toBe(1012);
});

test("a closed gateway cannot be attached", async () => {
  await using site = HOSTS["node:http"]();
  const before = traces(site);
  const gateway = exampleGateway();
  await gateway.close();

  expect(() => gateway.attach(site.server)).toThrow(expect.objectContaining({ code: "closed" }));
  expect(traces(site)).toEqual(before);
});

test("a wrapper that was put around the server later is kept", async () => {
  await using server = await attached();
  const { server: site } = server.host;
  const seen = vi.fn();
  const { emit } = site;
  site.emit = (event: string, ...args: unknown[]) => {
    seen(event);
    return Reflect.apply(emit, site, [event, ...args]);
  };

  await server.gateway.close();
  expect(await (await fetch(`${server.url}/trpc/ping`)).text()).toBe("page GET /trpc/ping ");
  await using next = exampleGateway();
  next.attach(site);

  expect((await fetch(`${server.url}/trpc/ping`)).status).toBe(200);
  expect(seen).toHaveBeenCalledWith("request");
});
