import { createServer } from "node:http";
import type { Duplex } from "node:stream";
import { waitFor } from "@telltale/testkit";
import { TRPCClientError } from "@trpc/client";
import { createClient, toTelltaleError } from "telltale/client";
import { expect, test } from "vitest";
import { WebSocketServer } from "ws";
import { platformWebSocket } from "../../src/client/transport/web-socket.node.js";
import { JUDGE_ID, type jobs } from "./contracts.js";
import { deferred } from "./deferred.js";
import { status, untilGone } from "./frames.js";
import { startJobsServer } from "./jobs-server.js";

test("closing a socket whose server does not respond takes two seconds, not thirty", async () => {
  const server = createServer();
  const wss = new WebSocketServer({ noServer: true });
  const raw: Duplex[] = [];
  server.on("upgrade", (req, socket, head) => {
    raw.push(socket);
    // The server never reads again, like a peer behind a dead connection.
    wss.handleUpgrade(req, socket, head, (peer) => peer.pause());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const Socket = platformWebSocket();
  if (!Socket) throw new Error("There is no WebSocket");
  const socket = new Socket(`ws://127.0.0.1:${port}`);
  await new Promise((resolve) => socket.addEventListener("open", resolve));

  const start = performance.now();
  socket.close();
  await new Promise((resolve) => socket.addEventListener("close", resolve));

  expect(performance.now() - start).toBeLessThan(5_000);
  for (const end of raw) end.destroy();
  await new Promise((resolve) => server.close(resolve));
});

test("the client backs off from a server that closes every connection at once", async () => {
  const server = createServer();
  const wss = new WebSocketServer({ server });
  const opened: number[] = [];
  const fifth = new Promise<void>((resolve) => {
    wss.on("connection", (peer) => {
      opened.push(performance.now());
      peer.close();
      if (opened.length === 5) resolve();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const client = createClient<typeof jobs>({ url: `http://127.0.0.1:${port}` });

  const watching = expect(client.judge.job(JUDGE_ID).watch().next()).rejects.toMatchObject({ code: "closed" });
  await fifth;
  await client.close();

  await watching;
  const pauses = opened.slice(1).map((at, index) => at - (opened[index] ?? 0));
  // The first pause is random. The others are at least half of the backoff: 250 ms, 500 ms and 1 s.
  expect(pauses[1]).toBeGreaterThan(240);
  expect(pauses[2]).toBeGreaterThan(490);
  expect(pauses[3]).toBeGreaterThan(990);
  await new Promise((resolve) => server.close(resolve));
});

test.each(["ws", "sse"] as const)(
  "over %s, a closed client refuses calls and subscriptions of its tRPC client",
  async (transport) => {
    await using server = await startJobsServer({ get: () => null });
    const client = createClient<typeof jobs>({ url: server.url, transport });
    await client.close();

    const error = await new Promise((resolve) => {
      client.$trpc.subscription("onStatus", { id: JUDGE_ID }, { onError: resolve });
    });

    expect(error).toBeInstanceOf(TRPCClientError);
    expect(toTelltaleError(error)).toMatchObject({ code: "closed", message: "The client was closed" });
    await expect(client.$trpc.query("get", { id: JUDGE_ID })).rejects.toMatchObject({ cause: { code: "closed" } });
    expect(server.sockets.size).toBe(0);
  },
);

test.each(["ws", "sse"] as const)(
  "over %s, closing a client ends the subscriptions of its tRPC client, and the server notices",
  async (transport) => {
    const left = deferred();
    await using server = await startJobsServer({
      onStatus: async function* ({ signal }) {
        yield status(1, "queued");
        await untilGone(signal);
        left.resolve();
      },
    });
    const client = createClient<typeof jobs>({ url: server.url, transport });
    const started = deferred();
    const failed = new Promise((resolve) => {
      client.$trpc.subscription("onStatus", { id: JUDGE_ID }, { onData: started.resolve, onError: resolve });
    });
    await started.promise;

    await client.close();
    const error = await failed;
    await left.promise;

    expect(error).toBeInstanceOf(TRPCClientError);
    expect(toTelltaleError(error)).toMatchObject({ code: "closed", message: "The client was closed" });
  },
);

test.each([{ auth: "token" }, { auth: () => "token" }])(
  "a subscription whose input cannot be encoded fails with that error, and its socket does not count it",
  async ({ auth }) => {
    class Point {}
    await using server = await startJobsServer({
      onStatus: async function* () {
        yield status(1, "completed", { output: null });
      },
    });
    await using client = createClient<typeof jobs>({ url: server.url, auth });
    await client.judge.job(JUDGE_ID).watch().next();

    const error = await new Promise((resolve) => {
      client.$trpc.subscription("onStatus", { id: JUDGE_ID, at: new Point() }, { onError: resolve });
    });

    expect(toTelltaleError(error)).toMatchObject({ message: expect.stringContaining("instance of Point") });
    // A socket that is not used is closed.
    await waitFor(() => server.sockets.size === 0);
  },
);
