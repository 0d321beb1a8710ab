import { waitFor } from "@telltale/testkit";
import { createTRPCClient, httpSubscriptionLink } from "@trpc/client";
import { initTRPC, tracked } from "@trpc/server";
import { EventSource } from "eventsource";
import { transformer } from "telltale";
import { createClient } from "telltale/client";
import { createGateway } from "telltale/gateway";
import { expect, onTestFinished, test } from "vitest";
import { startRelay } from "../relay.js";
import type { ExampleRouter } from "./example-router.js";
import { openGateway } from "./open-gateway.js";

const STREAM = `follow?input=${encodeURIComponent('{"json":{}}')}`;

async function firstEvent(url: string): Promise<string> {
  const abort = new AbortController();
  const response = await fetch(url, { headers: { accept: "text/event-stream" }, signal: abort.signal });
  const chunks = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes("\n\n")) text += (await chunks?.read())?.value ?? "";
  abort.abort();
  return text.split("\n\n")[0]?.trim() ?? "";
}

test("a client of an event stream learns how many seconds a silence can last, at most 15 by default", async () => {
  await using server = await openGateway();

  const event = await firstEvent(`${server.url}/trpc/${STREAM}`);

  expect(event).toBe('event: connected\ndata: {"reconnectAfterInactivityMs":12500}');
});

test.each([
  ["its own pings", { ping: { enabled: true, intervalMs: 8_000 } }, '{"reconnectAfterInactivityMs":20000}'],
  ["pings of the default length", { ping: { enabled: true } }, '{"reconnectAfterInactivityMs":6000}'],
  ["its own limit", { client: { reconnectAfterInactivityMs: 3_000 } }, '{"reconnectAfterInactivityMs":3000}'],
  ["no pings", { ping: { enabled: false } }, "{}"],
])("a router with %s keeps its settings, and its clients get the matching silence limit", async (_, sse, told) => {
  const t = initTRPC.create({ transformer, sse });
  const router = t.router({
    follow: t.procedure.subscription(async function* () {
      yield tracked("1", 1);
    }),
  });
  await using gateway = createGateway({ router, createContext: () => ({}), logger: false });
  const { url } = await gateway.listen(0);

  const event = await firstEvent(`${url}/trpc/follow`);

  expect(event).toBe(`event: connected\ndata: ${told}`);
});

test("a dead event stream is detected by this client and by tRPC's own", { timeout: 20_000 }, async () => {
  await using server = await openGateway({ limits: { pingMs: 200 } });
  server.feed.publish();
  await using relay = await startRelay(server.url);
  await using client = createClient({ url: relay.url, transport: "sse" });
  const url = `${relay.url}/trpc`;
  const trpc = createTRPCClient<ExampleRouter>({ links: [httpSubscriptionLink({ url, transformer, EventSource })] });
  const seen: string[] = [];
  const own = client.$trpc.subscription(
    "follow",
    {},
    { onData: () => seen.push("own"), onError: () => seen.push("own error") },
  );
  const theirs = trpc.follow.subscribe({}, { onData: ({ data }) => seen.push(`theirs ${data.n}`) });
  onTestFinished(() => {
    own.unsubscribe();
    theirs.unsubscribe();
  });
  await waitFor(() => seen.length === 2);

  relay.goDead();
  server.feed.publish();
  await waitFor(() => seen.includes("own error") && seen.includes("theirs 2"), { timeoutMs: 15_000 });

  expect(seen.toSorted()).toEqual(["own", "own error", "theirs 1", "theirs 2"]);
});

test("a WebSocket without open calls is closed, although the server pings it", async () => {
  await using server = await openGateway({ limits: { pingMs: 100 } });
  server.feed.publish();
  await using client = createClient({ url: server.url });

  await new Promise<void>((resolve) => {
    const subscription = client.$trpc.subscription(
      "follow",
      {},
      {
        onData: () => {
          subscription.unsubscribe();
          resolve();
        },
      },
    );
  });
  await waitFor(() => server.gateway.subscriptions === 0 && server.gateway.sockets === 0);

  expect(server.gateway.sockets).toBe(0);
});
