import { setImmediate } from "node:timers/promises";
import { waitFor } from "@telltale/testkit";
import { createTRPCClient, httpSubscriptionLink } from "@trpc/client";
import { transformer } from "telltale";
import { type ConnectionState, createClient, createJobsClient } from "telltale/client";
import { expect, onTestFinished, test, vi } from "vitest";
import { Wake } from "../../src/client/transport/wake.js";
import { startRelay } from "../relay.js";
import { JUDGE_ID, type jobs } from "./contracts.js";
import { status, untilGone } from "./frames.js";
import { type App, startJobsServer } from "./jobs-server.js";
import { openPage } from "./page.js";

const OUTPUT = { verdict: "accepted", at: new Date(0) };

/** A server that sends the first event on the first subscription, and the end on the next. */
async function startServer() {
  let subscriptions = 0;
  return startJobsServer({
    onStatus: async function* ({ signal }) {
      subscriptions++;
      if (subscriptions > 1) {
        yield status(2, "completed", { output: OUTPUT });
        return;
      }
      yield status(1, "queued");
      await untilGone(signal);
    },
  });
}

test.each([
  ["comes online", (page: ReturnType<typeof openPage>) => page.emit("online")],
  ["becomes visible", (page: ReturnType<typeof openPage>) => page.show("visible")],
  ["comes back from the cache", (page: ReturnType<typeof openPage>) => page.emit("pageshow")],
])("a page that %s notices that its WebSocket is dead, says so, and resumes", async (_, wakeUp) => {
  const page = openPage();
  await using server = await startServer();
  await using relay = await startRelay(server.url);
  await using client = createClient<typeof jobs>({ url: relay.url });
  const connection: ConnectionState[] = [];

  const seen: number[] = [];
  for await (const event of client.judge.job(JUDGE_ID).watch({ onConnection: (state) => connection.push(state) })) {
    seen.push(event.seq);
    if (event.seq > 1) continue;
    relay.goDead();
    wakeUp(page);
  }

  expect(seen).toEqual([1, 2]);
  expect(connection).toEqual(["connecting", "live", "reconnecting", "live", "closed"]);
});

test("a page that wakes up keeps a WebSocket that still works", async () => {
  const page = openPage();
  await using server = await startServer();
  await using relay = await startRelay(server.url);
  await using client = createClient<typeof jobs>({ url: relay.url });
  const connection: ConnectionState[] = [];
  const watch = client.judge.job(JUDGE_ID).watch({ onConnection: (state) => connection.push(state) });
  await watch.next();

  page.emit("online");
  page.show("visible");
  // A later watch on the same socket: when it has an event, the answer to the probe has arrived too.
  for await (const _ of client.judge.job(JUDGE_ID).watch());
  await watch.return?.();

  expect(relay.tries).toBe(1);
  expect(connection).toEqual(["connecting", "live", "closed"]);
});

test.each(["ws", "sse"] as const)(
  "over %s, a page that comes online does not wait for the next try",
  async (transport) => {
    const page = openPage();
    vi.spyOn(Math, "random").mockReturnValue(0.999);
    onTestFinished(() => void vi.restoreAllMocks());
    await using server = await startServer();
    await using relay = await startRelay(server.url);
    await using client = createClient<typeof jobs>({ url: relay.url, transport });
    const connection: ConnectionState[] = [];
    const watch = client.judge.job(JUDGE_ID).watch({ onConnection: (state) => connection.push(state) });
    await watch.next();

    relay.refuse();
    await waitFor(() => connection.at(-1) === "reconnecting");
    // With pauses of up to 10 s, so many tries would take over a minute.
    while (relay.tries < 14) {
      const { tries } = relay;
      await waitFor(() => {
        page.emit("online");
        return relay.tries > tries;
      });
    }
    const whileAway = [...connection];
    relay.accept();
    const next = watch.next();
    await waitFor(() => {
      page.emit("online");
      return connection.length > whileAway.length;
    });

    await expect(next).resolves.toMatchObject({ value: { seq: 2 } });
    expect(whileAway).toEqual(["connecting", "live", "reconnecting"]);
  },
);

test("over server-sent events, a page that was asleep for long opens its stream again", async () => {
  const page = openPage();
  await using server = await startServer();
  await using relay = await startRelay(server.url);
  await using client = createClient<typeof jobs>({ url: relay.url, transport: "sse" });
  const watch = client.judge.job(JUDGE_ID).watch();
  await watch.next();
  const next = watch.next();

  relay.goDead();
  const wokeAt = Date.now() + 60_000;
  vi.spyOn(Date, "now").mockReturnValue(wokeAt);
  onTestFinished(() => void vi.restoreAllMocks());
  page.show("visible");

  await expect(next).resolves.toMatchObject({ value: { seq: 2 } });
});

test("on a tRPC client of your own, a page that comes online does not wait for the next try", async () => {
  const page = openPage();
  vi.spyOn(Math, "random").mockReturnValue(0.999);
  onTestFinished(() => void vi.restoreAllMocks());
  await using server = await startServer();
  let tries = 0;
  let isDown = true;
  const trpc = createTRPCClient<App>({
    links: [
      httpSubscriptionLink({
        url: async () => {
          tries++;
          if (isDown) throw new Error("no network");
          return `${server.url}/trpc`;
        },
        transformer,
        EventSource: (await import("eventsource")).EventSource,
      }),
    ],
  });
  const watch = createJobsClient<typeof jobs>(trpc).judge.job(JUDGE_ID).watch();
  const first = watch.next();
  await waitFor(() => tries === 1);
  // With pauses of up to 10 s, so many tries would take over a minute.
  while (tries < 14) {
    page.emit("online");
    await setImmediate();
  }

  isDown = false;
  page.emit("online");

  await expect(first).resolves.toMatchObject({ value: { seq: 1 } });
  await watch.return?.();
});

test("a client without watches listens to nothing", async () => {
  const page = openPage();
  const wake = new Wake();
  let calls = 0;

  const stop = wake.on(() => calls++);
  page.emit("online");
  page.show("hidden");
  stop();
  stop();
  page.emit("online");

  expect(calls).toBe(1);
});
