import { createServer } from "node:http";
import { eventually } from "@telltale/testkit";
import { createTRPCClient, createWSClient, wsLink } from "@trpc/client";
import { SuperJSON } from "superjson";
import { createClient } from "telltale/client";
import { createGateway } from "telltale/gateway";
import { expect, onTestFinished, test, vi } from "vitest";
import { isTrpcFrom } from "../client/trpc-version.js";
import { ClientSocket } from "./client-socket.js";
import { type ExampleRouter, exampleRouter } from "./example-router.js";
import { Feed } from "./feed.js";
import { openGateway } from "./open-gateway.js";
import { openSocket } from "./open-socket.js";
import { rawExchange, upgradeHead } from "./raw-exchange.js";

const LAST = 300;

test("a watcher moves to the next server without missing or repeating an event", async () => {
  const feed = new Feed();
  await using old = await openGateway({ feed });
  await using next = await openGateway({ feed });
  let url = old.wsUrl;
  const ws = createWSClient({ url: () => url, WebSocket: ClientSocket });
  const client = createTRPCClient<ExampleRouter>({ links: [wsLink({ client: ws, transformer: SuperJSON })] });
  const seen: number[] = [];
  const ends = vi.fn();
  client.follow.subscribe({}, { onData: ({ data }) => seen.push(data.n), onError: ends, onComplete: ends });
  const publisher = setInterval(() => feed.latest < LAST && feed.publish(), 1);
  await eventually(() => expect(seen.length).toBeGreaterThan(20));

  url = next.wsUrl;
  const startedAt = performance.now();
  await old.gateway.close({ graceMs: 8_000 });
  const tookMs = performance.now() - startedAt;
  await eventually(() => expect(seen.at(-1)).toBe(LAST));

  clearInterval(publisher);
  expect(seen).toEqual(Array.from({ length: LAST }, (_n, index) => index + 1));
  expect(ends).not.toHaveBeenCalled();
  expect(tookMs).toBeLessThan(4_000);
  expect(next.gateway.sockets).toBe(1);
  await ws.close();
});

test("a running call is answered while another process can already open the port", async () => {
  const feed = new Feed();
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const entered = vi.fn();
  await using server = await openGateway({ feed, router: exampleRouter({ feed, gate: { opened, entered } }) });
  const call = fetch(`${server.url}/trpc/held`, { method: "POST", headers: { "content-type": "application/json" } });
  await eventually(() => expect(entered).toHaveBeenCalled());

  const closing = server.gateway.close({ graceMs: 8_000 });
  await expect(fetch(`${server.url}/healthz`)).rejects.toThrow();
  await using next = createGateway({
    router: exampleRouter({ feed }),
    createContext: () => ({ user: null }),
    logger: false,
  });
  await next.listen(server.port);
  const ready = await fetch(`${server.url}/readyz`);
  open();
  const answer = await call;
  await closing;

  expect(ready.status).toBe(200);
  expect(await answer.json()).toEqual({ result: { data: { json: "done" } } });
  expect(answer.headers.get("connection")).toBe("close");
});

test("on an attached server, which still listens, a draining gateway sends new clients elsewhere", async () => {
  const server = createServer((_req, res) => res.end("host"));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const feed = new Feed();
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const entered = vi.fn();
  const router = exampleRouter({ feed, gate: { opened, entered } });
  await using gateway = createGateway({ router, createContext: () => ({ user: null }), logger: false });
  gateway.attach(server, { probes: true });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  const url = `http://127.0.0.1:${port}`;
  const call = fetch(`${url}/trpc/held`, { method: "POST", headers: { "content-type": "application/json" } });
  await eventually(() => expect(entered).toHaveBeenCalled());

  const closing = gateway.close({ graceMs: 8_000 });
  const upgrade = await rawExchange(port, upgradeHead("/trpc"));
  const [ready, healthy] = await Promise.all([fetch(`${url}/readyz`), fetch(`${url}/healthz`)]);
  open();
  const answer = await call;
  await closing;

  expect(upgrade.status).toBe(503);
  expect(upgrade.text).toContain("Retry-After: 1");
  expect(ready.status).toBe(503);
  expect(await ready.json()).toMatchObject({ code: "draining" });
  expect(healthy.status).toBe(200);
  expect(answer.status).toBe(200);
});

test("watchers move to a gateway on the same port while the old one drains, and stay live", async () => {
  const feed = new Feed();
  await using old = await openGateway({ feed });
  const clients = Array.from({ length: 20 }, () => createClient({ url: old.url }));
  onTestFinished(() => void Promise.all(clients.map((client) => client.close())));
  const seen = clients.map((): number[] => []);
  const states: string[] = [];
  clients.forEach((client, i) => {
    client.$trpc.subscription(
      "follow",
      {},
      {
        onData: (event) => seen[i]?.push(Object(event).data.n),
        onConnectionStateChange: ({ state }) => states.push(state),
      },
    );
  });
  const publisher = setInterval(() => feed.publish(), 5);
  onTestFinished(() => clearInterval(publisher));
  await eventually(() => expect(old.gateway.sockets).toBe(20));
  await eventually(() => expect(seen.every((events) => events.length > 0)).toBe(true));
  states.length = 0;

  const closing = old.gateway.close({ graceMs: 15_000 });
  // The next process takes longer to start than the clients' first tries.
  await eventually(() => expect(feed.latest).toBeGreaterThan(300));
  const next = createGateway({ router: exampleRouter({ feed }), createContext: () => ({ user: null }), logger: false });
  onTestFinished(() => next.close({ graceMs: 0 }));
  await next.listen(old.port);
  await closing;
  await eventually(() => expect(next.sockets).toBe(20));
  const { latest } = feed;
  await eventually(() => expect(seen.every((events) => (events.at(-1) ?? 0) > latest)).toBe(true));

  for (const events of seen) expect(events).toEqual(events.map((_n, i) => i + 1));
  if (isTrpcFrom(11, 25)) expect(states).not.toContain("connecting");
});

test("an SSE stream is closed at once, so that its client connects elsewhere", async () => {
  await using server = await openGateway();
  const input = encodeURIComponent('{"json":{}}');
  const stream = rawExchange(
    server.port,
    `GET /trpc/follow?input=${input} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n`,
  );
  await eventually(() => expect(server.feed.watchers).toBe(1));

  await server.gateway.close({ graceMs: 8_000 });

  expect((await stream).text).toContain("event: connected");
  expect(server.feed.watchers).toBe(0);
});

test("a client that stays after the grace period is closed with 1012, and cut if it does not respond", async () => {
  await using server = await openGateway({ limits: { cutMs: 100 } });
  using stays = await openSocket(server.wsUrl);
  using deaf = await openSocket(server.wsUrl);
  deaf.ws.pause();

  await server.gateway.close({ graceMs: 50 });

  expect(await stays.closed()).toBe(1012);
  expect(server.gateway.sockets).toBe(0);
  expect(server.gateway.connections).toBe(0);
});

test("an idle keep-alive connection does not delay the drain", async () => {
  await using server = await openGateway();
  const idle = rawExchange(server.port, "GET /trpc/ping HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await eventually(() => expect(server.gateway.connections).toBe(1));
  await fetch(`${server.url}/healthz`);

  await server.gateway.close({ graceMs: 8_000 });

  expect((await idle).status).toBe(200);
});
