import { waitFor } from "@telltale/testkit";
import { createTRPCClient, createWSClient, httpLink, splitLink, wsLink } from "@trpc/client";
import { initTRPC } from "@trpc/server";
import { transformer } from "telltale";
import { type ConnectionState, createClient, createJobsClient } from "telltale/client";
import { createGateway } from "telltale/gateway";
import { telltaleErrorFormatter } from "telltale/trpc";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { z } from "zod";
import { sinkOf } from "../../src/trpc/sink.js";
import { JUDGE_ID, type jobs } from "./contracts.js";
import { deferred } from "./deferred.js";
import { status, untilGone } from "./frames.js";
import { type App, startJobsServer } from "./jobs-server.js";

const OUTPUT = { verdict: "accepted", at: new Date(0) };
const FINISHED = `judge_${"f".repeat(32)}`;

function idOf(n: number): string {
  return `judge_${n.toString(16).padStart(32, "0")}`;
}

/** A server on which one job has finished, and the others finish when `end` is called. */
async function startServer() {
  const ended = deferred();
  let open = 0;
  const server = await startJobsServer({
    submit: () => ({ id: JUDGE_ID, kind: "judge", status: "queued", token: "t" }),
    onStatus: async function* ({ input, signal }) {
      open++;
      try {
        if (!input.lastEventId) yield status(1, "queued");
        if (input.id !== FINISHED) await Promise.race([ended.promise, untilGone(signal)]);
        if (!signal.aborted) yield status(2, "completed", { output: OUTPUT });
      } finally {
        open--;
      }
    },
  });
  return Object.assign(server, { end: ended.resolve, open: () => open });
}

test("with more watches over server-sent events than a browser has connections, calls are answered and no watch is left out", async () => {
  await using server = await startServer();
  await using client = createClient<typeof jobs>({ url: server.url, transport: "sse" });
  const states: ConnectionState[][] = [];
  const watches = Array.from({ length: 7 }, (_, n) => {
    const seen: ConnectionState[] = [];
    states.push(seen);
    return client.judge.job(idOf(n)).watch({ onConnection: (state) => seen.push(state) });
  });

  const firsts = watches.map((watch) => watch.next());
  await waitFor(() => server.open() === 4 && states.flat().filter((state) => state === "live").length === 4);
  const atOnce = states.map((seen) => seen.at(-1));
  const job = await client.judge.submit({ source: "" });
  const waited = await Promise.all(firsts);

  expect(atOnce).toEqual(["live", "live", "live", "live", "waiting", "waiting", "waiting"]);
  expect(job.id).toBe(JUDGE_ID);
  expect(waited.map(({ value }) => value?.seq)).toEqual([1, 1, 1, 1, 1, 1, 1]);

  server.end();
  const lasts = await Promise.all(watches.map((watch) => watch.next()));

  expect(lasts.map(({ value }) => value?.seq)).toEqual([2, 2, 2, 2, 2, 2, 2]);
});

test("the 101st watch uses another WebSocket", async () => {
  await using server = await startServer();
  await using client = createClient<typeof jobs>({ url: server.url });
  const watches = Array.from({ length: 100 }, (_, n) => client.judge.job(idOf(n)).watch());
  await Promise.all(watches.map((watch) => watch.next()));
  const before = server.sockets.size;
  const connection: ConnectionState[] = [];

  for await (const _ of client.judge.job(FINISHED).watch({ onConnection: (state) => connection.push(state) }));

  expect([before, server.sockets.size]).toEqual([1, 2]);
  expect(connection).toEqual(["connecting", "live", "closed"]);
  for (const watch of watches) await watch.return?.();
});

test("on a tRPC client of your own, the 101st watch says that it waits, and has its turn", async () => {
  await using server = await startServer();
  const url = `${server.url}/trpc`;
  const webSocket = createWSClient({ url: url.replace("http", "ws"), WebSocket: WebSocket as never });
  const trpc = createTRPCClient<App>({
    links: [
      splitLink({
        condition: ({ type }) => type === "subscription",
        true: wsLink({ client: webSocket, transformer }),
        false: httpLink({ url, transformer }),
      }),
    ],
  });
  const closed = new AbortController();
  const client = createJobsClient<typeof jobs>(trpc, { signal: closed.signal });
  const watches = Array.from({ length: 100 }, (_, n) => client.judge.job(idOf(n)).watch());
  await Promise.all(watches.map((watch) => watch.next()));
  const connection: ConnectionState[] = [];

  for await (const _ of client.judge.job(FINISHED).watch({ onConnection: (state) => connection.push(state) }));

  expect(connection).toEqual(["waiting", "live", "closed"]);
  closed.abort();
  await webSocket.close();
});

/** A gateway that allows two watches for each WebSocket. */
async function startSmallGateway(errorFormatter?: typeof telltaleErrorFormatter) {
  const t = initTRPC.create({ transformer, ...(errorFormatter && { errorFormatter }) });
  const onStatus = t.procedure.input(z.object({ id: z.string() })).subscription(async function* ({
    ctx,
    signal = new AbortController().signal,
  }) {
    const release = sinkOf(ctx)?.admit("ann");
    try {
      yield status(1, "queued");
      await untilGone(signal);
    } finally {
      release?.();
    }
  });
  const gateway = createGateway({
    router: t.router({ onStatus }),
    createContext: () => ({}),
    logger: false,
    limits: { subscriptionsPerSocket: 2 },
  });
  const { url } = await gateway.listen(0);
  return {
    url,
    gateway,
    [Symbol.asyncDispose]: () => gateway.close({ graceMs: 0 }),
  };
}

test.each([
  { formatter: "telltaleErrorFormatter", errorFormatter: telltaleErrorFormatter },
  { formatter: "no errorFormatter", errorFormatter: undefined },
])(
  "a gateway with $formatter that allows fewer watches for each WebSocket has its clients open more of them",
  async ({ errorFormatter }) => {
    await using server = await startSmallGateway(errorFormatter);
    await using client = createClient<typeof jobs>({ url: server.url });

    const watches = Array.from({ length: 5 }, (_, n) => client.judge.job(idOf(n)).watch());
    const firsts = await Promise.all(watches.map((watch) => watch.next()));

    expect(firsts.map(({ value }) => value?.seq)).toEqual([1, 1, 1, 1, 1]);
    expect(server.gateway.sockets).toBe(3);
  },
);

test("on a tRPC client of your own, watches take turns if the gateway allows fewer for each WebSocket", async () => {
  await using server = await startSmallGateway();
  const url = `${server.url}/trpc`;
  const webSocket = createWSClient({ url: url.replace("http", "ws"), WebSocket: WebSocket as never });
  const trpc = createTRPCClient<App>({ links: [wsLink({ client: webSocket, transformer })] });
  const closed = new AbortController();
  const client = createJobsClient<typeof jobs>(trpc, { signal: closed.signal });

  const watches = Array.from({ length: 4 }, (_, n) => client.judge.job(idOf(n)).watch());
  const firsts = await Promise.all(watches.map((watch) => watch.next()));

  expect(firsts.map(({ value }) => value?.seq)).toEqual([1, 1, 1, 1]);
  closed.abort();
  await webSocket.close();
});
