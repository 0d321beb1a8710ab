import { eventually } from "@telltale/testkit";
import {
  createTRPCClient,
  createWSClient,
  httpBatchLink,
  httpLink,
  httpSubscriptionLink,
  type TRPCLink,
  wsLink,
} from "@trpc/client";
import { EventSource } from "eventsource";
import { SuperJSON } from "superjson";
import { describe, expect, test } from "vitest";
import { ClientSocket } from "./client-socket.js";
import type { ExampleRouter } from "./example-router.js";
import { openGateway } from "./open-gateway.js";

const AT = new Date("2026-11-20T10:00:00.123Z");

describe("a Date arrives as a Date", () => {
  const links: [string, (url: string) => TRPCLink<ExampleRouter>][] = [
    ["httpLink", (url) => httpLink({ url: `${url}/trpc`, transformer: SuperJSON })],
    [
      "httpLink with queries as POST",
      (url) => httpLink({ url: `${url}/trpc`, transformer: SuperJSON, methodOverride: "POST" }),
    ],
    ["httpBatchLink", (url) => httpBatchLink({ url: `${url}/trpc`, transformer: SuperJSON })],
  ];
  test.each(links)("over %s", async (_name, link) => {
    await using server = await openGateway();
    const client = createTRPCClient<ExampleRouter>({ links: [link(server.url)] });

    const answers = await Promise.all([client.echo.query({ at: AT }), client.change.mutate({ n: 7 })]);

    expect(answers).toEqual([{ at: AT }, { changed: 7 }]);
  });

  test("over wsLink, in calls and subscriptions, with a context from connectionParams", async () => {
    await using server = await openGateway();
    const ws = createWSClient({ url: server.wsUrl, WebSocket: ClientSocket, connectionParams: { user: "ada" } });
    const client = createTRPCClient<ExampleRouter>({ links: [wsLink({ client: ws, transformer: SuperJSON })] });
    const events: { n: number; at: Date }[] = [];
    const subscription = client.follow.subscribe({}, { onData: ({ data }) => events.push(data) });

    const answers = await Promise.all([client.echo.query({ at: AT }), client.whoami.query()]);
    server.feed.publish();
    await eventually(() => expect(events).toEqual([{ n: 1, at: new Date(1) }]));

    expect(answers).toEqual([{ at: AT }, "ada"]);
    subscription.unsubscribe();
    await ws.close();
  });

  test("over httpSubscriptionLink (SSE), until the watcher leaves", async () => {
    await using server = await openGateway();
    const client = createTRPCClient<ExampleRouter>({
      links: [httpSubscriptionLink({ url: `${server.url}/trpc`, transformer: SuperJSON, EventSource })],
    });
    const events: { n: number; at: Date }[] = [];
    const subscription = client.follow.subscribe({}, { onData: ({ data }) => events.push(data) });

    server.feed.publish();
    server.feed.publish();
    await eventually(() => expect(events).toHaveLength(2));

    expect(events).toEqual([1, 2].map((n) => ({ n, at: new Date(n) })));
    subscription.unsubscribe();
    await eventually(() => expect(server.feed.watchers).toBe(0));
  });
});
