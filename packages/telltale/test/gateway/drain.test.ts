import { createTRPCClient, createWSClient, wsLink } from "@trpc/client";
import { SuperJSON } from "superjson";
import { expect, test, vi } from "vitest";
import { ClientSocket } from "./client-socket.js";
import { type ExampleRouter, exampleRouter } from "./example-router.js";
import { Feed } from "./feed.js";
import { openGateway } from "./open-gateway.js";
import { openSocket } from "./open-socket.js";
import { rawExchange, upgradeHead } from "./raw-exchange.js";

const LAST = 300;

test("a watcher moves to the next server without losing, repeating or ending", async () => {
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
  await vi.waitFor(() => expect(seen.length).toBeGreaterThan(20));

  url = next.wsUrl;
  const startedAt = performance.now();
  await old.gateway.close({ graceMs: 8_000 });
  const tookMs = performance.now() - startedAt;
  await vi.waitFor(() => expect(seen.at(-1)).toBe(LAST), 5_000);

  clearInterval(publisher);
  expect(seen).toEqual(Array.from({ length: LAST }, (_n, index) => index + 1));
  expect(ends).not.toHaveBeenCalled();
  expect(tookMs).toBeLessThan(4_000);
  expect(next.gateway.sockets).toBe(1);
  await ws.close();
});

test("a call in progress is answered, while newcomers are sent elsewhere", async () => {
  const feed = new Feed();
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const entered = vi.fn();
  await using server = await openGateway({ feed, router: exampleRouter({ feed, gate: { opened, entered } }) });
  const call = fetch(`${server.url}/trpc/held`, { method: "POST", headers: { "content-type": "application/json" } });
  await vi.waitFor(() => expect(entered).toHaveBeenCalled());

  const closing = server.gateway.close({ graceMs: 8_000 });
  const upgrade = await rawExchange(server.port, upgradeHead("/trpc"));
  const [ready, healthy] = await Promise.all([fetch(`${server.url}/readyz`), fetch(`${server.url}/healthz`)]);
  open();
  const answer = await call;
  await closing;

  expect(upgrade.status).toBe(503);
  expect(upgrade.text).toContain("Retry-After: 1");
  expect(ready.status).toBe(503);
  expect(await ready.json()).toMatchObject({ code: "draining" });
  expect(healthy.status).toBe(200);
  expect(await answer.json()).toEqual({ result: { data: { json: "done" } } });
  expect(answer.headers.get("connection")).toBe("close");
  await expect(fetch(`${server.url}/healthz`)).rejects.toThrow();
});

test("an SSE stream is cut at once, so that its client connects elsewhere", async () => {
  await using server = await openGateway();
  const input = encodeURIComponent('{"json":{}}');
  const stream = rawExchange(
    server.port,
    `GET /trpc/follow?input=${input} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n`,
  );
  await vi.waitFor(() => expect(server.feed.watchers).toBe(1));

  await server.gateway.close({ graceMs: 8_000 });

  expect((await stream).text).toContain("event: connected");
  expect(server.feed.watchers).toBe(0);
});

test("who stays past the grace is closed with 1012, and cut when it does not answer", async () => {
  await using server = await openGateway({ limits: { cutMs: 100 } });
  using stays = await openSocket(server.wsUrl);
  using deaf = await openSocket(server.wsUrl);
  deaf.ws.pause();

  await server.gateway.close({ graceMs: 50 });

  expect(await stays.closed()).toBe(1012);
  expect(server.gateway.sockets).toBe(0);
  expect(server.gateway.connections).toBe(0);
});

test("an idle keep-alive connection does not hold it up", async () => {
  await using server = await openGateway();
  const idle = rawExchange(server.port, "GET /trpc/ping HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await vi.waitFor(() => expect(server.gateway.connections).toBe(1));
  await fetch(`${server.url}/healthz`);

  await server.gateway.close({ graceMs: 8_000 });

  expect((await idle).status).toBe(200);
});
