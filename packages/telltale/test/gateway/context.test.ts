import { createTRPCClient, createWSClient, wsLink } from "@trpc/client";
import { initTRPC, TRPCError } from "@trpc/server";
import { SuperJSON } from "superjson";
import { TelltaleError } from "telltale";
import { createGateway } from "telltale/gateway";
import { describe, expect, test, vi } from "vitest";
import { ClientSocket } from "./client-socket.js";
import type { ExampleRouter } from "./example-router.js";
import { memoryLogger } from "./memory-logger.js";
import { openGateway } from "./open-gateway.js";
import { answerTo, openSocket } from "./open-socket.js";

describe("when createContext throws", () => {
  const unauthorized = (): never => {
    throw new TelltaleError("unauthorized");
  };

  test("a WebSocket client gets the error for each call and does not reconnect again and again", async () => {
    await using server = await openGateway({ createContext: unauthorized });
    const [onOpen, onClose] = [vi.fn(), vi.fn()];
    const ws = createWSClient({ url: server.wsUrl, WebSocket: ClientSocket, onOpen, onClose, retryDelayMs: () => 0 });
    const client = createTRPCClient<ExampleRouter>({ links: [wsLink({ client: ws, transformer: SuperJSON })] });

    const first = client.whoami.query();
    await expect(first).rejects.toMatchObject({ data: { code: "UNAUTHORIZED" } });
    await expect(client.whoami.query()).rejects.toMatchObject({ data: { code: "UNAUTHORIZED" } });
    const watching = new Promise((resolve) => client.admitted.subscribe(undefined, { onError: resolve }));

    expect(await watching).toMatchObject({ data: { code: "UNAUTHORIZED" } });
    expect(await client.ping.query()).toBe("pong");
    expect([onOpen.mock.calls.length, onClose.mock.calls.length]).toEqual([1, 0]);
    await ws.close();
  });

  test("an HTTP call is answered with the status of the error's code", async () => {
    await using server = await openGateway({ createContext: unauthorized });

    expect((await fetch(`${server.url}/trpc/ping`)).status).toBe(401);
  });

  test("neither the caller nor the log gets the message of an unexpected error", async () => {
    const { logger, lines } = memoryLogger();
    await using server = await openGateway({
      logger,
      createContext: async () => {
        throw new Error("secret of the server");
      },
    });
    using socket = await openSocket(server.wsUrl);

    socket.send({ id: 1, method: "query", params: { path: "whoami" } });
    const overSocket = await socket.next(answerTo(1));
    const overHttp = await fetch(`${server.url}/trpc/ping`);

    expect(overSocket.error?.json.data.code).toBe("INTERNAL_SERVER_ERROR");
    expect(overHttp.status).toBe(500);
    expect(JSON.stringify([overSocket, await overHttp.text(), lines])).not.toContain("secret");
  });
});

test("an error formatter that throws causes an internal error, which is logged", async () => {
  const { logger, lines } = memoryLogger();
  const t = initTRPC.create({
    transformer: SuperJSON,
    errorFormatter: () => {
      throw new Error("secret of the formatter");
    },
  });
  const fail = (): never => {
    throw new TRPCError({ code: "NOT_FOUND" });
  };
  const router = t.router({ fails: t.procedure.query(fail), ping: t.procedure.query(() => "pong") });
  const gateway = createGateway({ router, createContext: () => ({}), logger });
  const { url } = await gateway.listen(0);
  using socket = await openSocket(`${url.replace("http", "ws")}/trpc`);

  socket.send({ id: 1, method: "query", params: { path: "fails" } });
  const overSocket = await socket.next(answerTo(1));
  const overHttp = await fetch(`${url}/trpc/fails`);
  socket.send({ id: 2, method: "query", params: { path: "ping" } });

  const internal = { json: { message: "Internal error", data: { code: "INTERNAL_SERVER_ERROR", httpStatus: 500 } } };
  expect(overSocket.error).toMatchObject(internal);
  expect(await overHttp.json()).toMatchObject({ error: internal });
  expect((await socket.next(answerTo(2))).result?.data?.json).toBe("pong");
  expect(lines).toContainEqual({ level: "error", data: { error: "Error" }, message: "the errorFormatter threw" });
  expect(JSON.stringify(lines)).not.toContain("secret");
  await gateway.close({ graceMs: 0 });
});

test("a createContext that returns one instance for every socket is reported", async () => {
  class Session {
    readonly user = "ada";
  }
  const shared = new Session();
  await using server = await openGateway({ createContext: () => shared });
  using first = await openSocket(server.wsUrl);
  using second = await openSocket(server.wsUrl);

  for (const socket of [first, second]) socket.send({ id: 1, method: "query", params: { path: "whoami" } });

  expect((await first.next(answerTo(1))).result?.data?.json).toBe("ada");
  expect((await second.next(answerTo(1))).error?.json.data.code).toBe("INTERNAL_SERVER_ERROR");
});

describe("an input that the transformer refuses fails its own call with BAD_REQUEST", () => {
  const polluting = { json: { at: "x" }, meta: { values: { "__proto__.x": ["Date"] } } };

  test("over WebSocket, and the other calls of its frame succeed", async () => {
    await using server = await openGateway();
    using socket = await openSocket(server.wsUrl);

    socket.send([
      { id: 1, method: "query", params: { path: "echo", input: polluting } },
      { id: 2, method: "query", params: { path: "ping" } },
    ]);

    expect((await socket.next(answerTo(1))).error?.json.data.code).toBe("BAD_REQUEST");
    expect((await socket.next(answerTo(2))).result?.data?.json).toBe("pong");
  });

  test("even if a short input asks for four gigabytes", async () => {
    await using server = await openGateway();
    using socket = await openSocket(server.wsUrl);
    const greedy = { json: { at: 4_000_000_000 }, meta: { values: { at: [["typed-array", "Uint8Array"]] } } };

    socket.send({ id: 1, method: "query", params: { path: "echo", input: greedy } });

    expect((await socket.next(answerTo(1))).error?.json.data.code).toBe("BAD_REQUEST");
  });

  test("over WebSocket, together with a resume position", async () => {
    await using server = await openGateway();
    using socket = await openSocket(server.wsUrl);

    socket.send({ id: 1, method: "subscription", params: { path: "follow", input: polluting, lastEventId: "1" } });

    expect((await socket.next(answerTo(1))).error?.json.data.code).toBe("BAD_REQUEST");
  });

  test("over HTTP, and the other calls of its batch succeed", async () => {
    await using server = await openGateway();
    const post = (path: string, body: unknown): Promise<Response> =>
      fetch(`${server.url}/trpc/${path}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });

    const single = await post("echo", polluting);
    const batch = await post("echo,ping?batch=1", { 0: polluting });

    expect(single.status).toBe(400);
    expect(await batch.json()).toMatchObject([
      { error: { json: { data: { code: "BAD_REQUEST" } } } },
      { result: { data: { json: "pong" } } },
    ]);
  });
});

test("a failed call is logged with its path and stack frames, without messages, inputs or query strings", async () => {
  const { logger, lines } = memoryLogger();
  await using server = await openGateway({ logger });

  const broken = await fetch(`${server.url}/trpc/breaks?input=%7B%22json%22%3A%22canary%22%7D&token=canary`);
  await fetch(`${server.url}/trpc/echo?input=%7B%22json%22%3A%22canary%22%7D`, {
    headers: { authorization: "canary" },
  });

  expect(await broken.text()).not.toMatch(/\bat .*\.[jt]s/);
  expect(lines).toContainEqual({
    level: "error",
    message: "a call failed unexpectedly",
    data: expect.objectContaining({ path: "breaks", frames: expect.arrayContaining([expect.stringContaining("at ")]) }),
  });
  expect(JSON.stringify(lines)).not.toMatch(/canary|secret/);
});

test("a call that fails with one of Telltale's own errors is logged with its message, which says what to do", async () => {
  const { logger, lines } = memoryLogger();
  await using server = await openGateway({ logger });

  const broken = await fetch(`${server.url}/trpc/unsupported`);

  expect(await broken.text()).not.toMatch(/evict/);
  expect(lines).toContainEqual({
    level: "error",
    message: "a call failed unexpectedly",
    data: expect.objectContaining({ telltale: "unsupported_redis", error: "Redis may evict jobs. Set noeviction" }),
  });
});
