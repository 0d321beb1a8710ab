import { once } from "node:events";
import { createServer, type IncomingMessage, request } from "node:http";
import { connect } from "node:net";
import type { Duplex } from "node:stream";
import { waitFor } from "@telltale/testkit";
import { type ConnectionState, createClient } from "telltale/client";
import { expect, onTestFinished, test, vi } from "vitest";
import { BUNDLERS } from "../bundle-page.js";
import { startRelay } from "../relay.js";
import { JUDGE_ID, type jobs } from "./contracts.js";
import { deferred } from "./deferred.js";
import { status, untilGone } from "./frames.js";
import { startJobsServer } from "./jobs-server.js";

const OUTPUT = { verdict: "accepted", at: new Date(0) };

/** A reverse proxy that was not told about WebSockets: it forwards every request without the headers of an upgrade, until `allow`. */
async function startProxy(target: string) {
  const proxy = createServer((req, res) => {
    const { connection: _, upgrade: __, ...headers } = req.headers;
    const forwarded = request(new URL(req.url ?? "/", target), { method: req.method, headers }, (answer) => {
      res.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(res);
    });
    forwarded.on("error", () => res.destroy());
    res.on("close", () => forwarded.destroy());
    req.pipe(forwarded);
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  const address = proxy.address();
  const tunnels = new Set<Duplex>();
  const tunnel = (req: IncomingMessage, socket: Duplex): void => {
    const host = connect(Number(new URL(target).port), "127.0.0.1");
    const head = req.rawHeaders.map((part, n) => (n % 2 === 0 ? `${part}: ` : `${part}\r\n`)).join("");
    host.write(`GET ${req.url} HTTP/1.1\r\n${head}\r\n`);
    socket.pipe(host).pipe(socket);
    for (const end of [socket, host]) {
      tunnels.add(end);
      end.on("error", () => {});
      end.on("close", () => {
        socket.destroy();
        host.destroy();
      });
    }
  };
  const cut = (): void => {
    for (const end of tunnels) end.destroy();
  };
  return {
    allow: () => void proxy.on("upgrade", tunnel),
    /** Forwards no upgrades any more, and cuts the WebSockets that were opened. */
    forbid: () => {
      proxy.off("upgrade", tunnel);
      cut();
    },
    url: `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`,
    [Symbol.asyncDispose]: async () => {
      cut();
      proxy.close();
      proxy.closeAllConnections();
    },
  };
}

/** A server that notes over which transport jobs are watched. All jobs end when `end` is called. */
async function startServer() {
  const transports: string[] = [];
  const ended = deferred();
  const server = await startJobsServer({
    onStatus: async function* ({ url, input, signal }) {
      transports.push(url?.includes("connectionParams") ? "ws" : "sse");
      if (!input.lastEventId) yield status(1, "queued");
      await Promise.race([ended.promise, untilGone(signal)]);
      if (!signal.aborted) yield status(2, "completed", { output: OUTPUT });
    },
  });
  return Object.assign(server, { transports, end: ended.resolve });
}

test("behind a proxy that does not forward upgrades, jobs are watched over server-sent events, at most four at a time", async () => {
  await using server = await startServer();
  await using proxy = await startProxy(server.url);
  await using client = createClient<typeof jobs>({ url: proxy.url });
  const states: ConnectionState[][] = [];
  const watches = Array.from({ length: 6 }, (_, n) => {
    const seen: ConnectionState[] = [];
    states.push(seen);
    const id = `judge_${String(n).padStart(32, "0")}`;
    return client.judge.job(id).watch({ onConnection: (state) => seen.push(state) });
  });
  const firsts = watches.map((watch) => watch.next());

  await waitFor(() => states.filter((seen) => seen.at(-1) === "live").length === 4);
  const atOnce = states.map((seen) => seen.at(-1));
  await Promise.all(firsts);
  server.end();
  const lasts = await Promise.all(watches.map((watch) => watch.next()));

  expect(atOnce).toEqual(["live", "live", "live", "live", "waiting", "waiting"]);
  expect(lasts.map(({ value }) => value?.seq)).toEqual([2, 2, 2, 2, 2, 2]);
  expect(new Set(server.transports)).toEqual(new Set(["sse"]));
});

/** Puts the clock of the client's pauses forward. */
function clockThatGoesOn() {
  const clock = { ms: 0 };
  const now = performance.now.bind(performance);
  vi.spyOn(performance, "now").mockImplementation(() => now() + clock.ms);
  onTestFinished(() => void vi.restoreAllMocks());
  return clock;
}

test("a client moves between WebSockets and server-sent events when the network starts and stops to forward upgrades", async () => {
  const clock = clockThatGoesOn();
  await using server = await startServer();
  await using proxy = await startProxy(server.url);
  await using client = createClient<typeof jobs>({ url: proxy.url });
  const watchOnce = () => client.judge.job(JUDGE_ID).watch().next();
  await watchOnce();
  expect(server.transports).toEqual(["sse"]);

  proxy.allow();
  clock.ms += 60_000;
  // One of them makes the client try a WebSocket, and those after its success use one.
  await waitFor(async () => {
    await watchOnce();
    return server.transports.at(-1) === "ws";
  });
  const connection: ConnectionState[] = [];
  const watch = client.judge.job(JUDGE_ID).watch({ onConnection: (state) => connection.push(state) });
  await watch.next();
  expect(server.transports.at(-1)).toBe("ws");

  proxy.forbid();
  await waitFor(() => connection.at(-1) === "reconnecting");
  clock.ms += 20_000;
  await waitFor(() => {
    clock.ms += 1_000;
    return connection.at(-1) === "live";
  });

  expect(server.transports.at(-1)).toBe("sse");
  expect(connection).toEqual(["connecting", "live", "reconnecting", "live"]);
});

test("a subscription that moves from WebSockets to server-sent events does not get its events twice", async () => {
  const clock = clockThatGoesOn();
  await using server = await startServer();
  await using proxy = await startProxy(server.url);
  proxy.allow();
  await using client = createClient<typeof jobs>({ url: proxy.url });
  const events: unknown[] = [];
  const completed = deferred();
  client.$trpc.subscription(
    "onStatus",
    { id: JUDGE_ID },
    { onData: (event) => events.push(event), onComplete: completed.resolve },
  );
  await waitFor(() => events.length === 1);

  proxy.forbid();
  await waitFor(() => {
    clock.ms += 1_000;
    return server.transports.at(-1) === "sse";
  });
  server.end();
  await completed.promise;

  expect(server.transports).toEqual(["ws", "sse"]);
  expect(events).toMatchObject([{ data: { seq: 1 } }, { data: { seq: 2 } }]);
});

test("a watch of a server that is not up yet uses a WebSocket once it is", async () => {
  await using server = await startServer();
  await using relay = await startRelay(server.url);
  relay.refuse();
  await using client = createClient<typeof jobs>({ url: relay.url });
  const connection: ConnectionState[] = [];
  const first = client.judge.job(JUDGE_ID).watch({ onConnection: (state) => connection.push(state) });
  const next = first.next();

  // Four WebSockets and a stream in between.
  await waitFor(() => relay.tries >= 5);
  relay.accept();
  await next;

  expect(server.transports).toEqual(["ws"]);
  expect(connection).toEqual(["connecting", "live"]);
});

test("a server that is not up yet does not disturb other subscriptions", async () => {
  await using server = await startServer();
  await using relay = await startRelay(server.url);
  relay.refuse();
  await using client = createClient<typeof jobs>({ url: relay.url });
  const events: unknown[] = [];
  client.$trpc.subscription(
    "onStatus",
    { id: JUDGE_ID },
    { onData: () => events.push("data"), onError: (error) => events.push(error) },
  );

  await waitFor(() => relay.tries >= 5);
  relay.accept();
  await waitFor(() => events.length > 0);

  expect(events).toEqual(["data"]);
});

test("a client with a relative url can be created during server-side rendering, and its error says why it cannot be used there", async () => {
  await using client = createClient<typeof jobs>({ url: "/trpc" });

  const refused = { code: "invalid_config", message: expect.stringContaining("relative to a page") };
  await expect(client.judge.submit({ source: "" })).rejects.toMatchObject(refused);
  await expect(client.judge.job(JUDGE_ID).get()).rejects.toMatchObject(refused);
  await expect(client.judge.job(JUDGE_ID).watch().next()).rejects.toMatchObject(refused);
  await using streaming = createClient<typeof jobs>({ url: "/trpc", transport: "sse" });
  await expect(streaming.judge.job(JUDGE_ID).watch().next()).rejects.toMatchObject(refused);
});

test("a page in a browser without WebSocket watches jobs over server-sent events", async () => {
  vi.stubGlobal("WebSocket", undefined);
  onTestFinished(() => void vi.unstubAllGlobals());
  const code = await BUNDLERS.esbuild?.(`export { createClient } from "telltale/client";`);
  const page: { createClient: typeof createClient } = await import(
    /* @vite-ignore */ `data:text/javascript;base64,${Buffer.from(code ?? "").toString("base64")}`
  );
  await using server = await startServer();
  await using client = page.createClient<typeof jobs>({ url: server.url });

  await expect(client.judge.job(JUDGE_ID).watch().next()).resolves.toMatchObject({ value: { seq: 1 } });

  expect(server.transports).toEqual(["sse"]);
});
