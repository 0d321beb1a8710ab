import { once } from "node:events";
import { connect } from "node:net";
import { eventually, testRedis } from "@telltale/testkit";
import { initTRPC } from "@trpc/server";
import { defineJob, defineJobs, handle, transformer } from "telltale";
import { createClient } from "telltale/client";
import { CLOSE_CODES, createGateway } from "telltale/gateway";
import { createTelltale } from "telltale/server";
import { createJobsRouter, type Subject, telltaleErrorFormatter } from "telltale/trpc";
import { createWorker } from "telltale/worker";
import { afterAll, expect, test, vi } from "vitest";
import { z } from "zod";
import { Callers } from "../../src/gateway/admission/callers.js";
import { openSocket } from "./open-socket.js";

const VALID_MS = 1_000;
const wait = defineJob("wait", { input: z.object({}), output: z.object({}) });
const jobs = defineJobs(wait);
const redis = await testRedis();
afterAll(() => redis.stop());

/** A caller whose credentials expire a moment after their first use, unless the token says that they last. */
class Session {
  readonly #token: string;
  #expiresAt: Date | undefined;

  constructor(token: string) {
    this.#token = token;
  }

  get subject(): Subject | null {
    if (!this.#token.startsWith("Bearer ann")) return null;
    if (this.#token === "Bearer ann lasts") return { id: "ann", operator: true };
    this.#expiresAt ??= new Date(Date.now() + VALID_MS);
    return { id: "ann", operator: true, expiresAt: this.#expiresAt };
  }
}

async function openJobs() {
  const telltale = createTelltale({ jobs, redis: redis.url, prefix: `c${Math.random().toString(36).slice(2)}` });
  const t = initTRPC.context<Session>().create({ transformer, errorFormatter: telltaleErrorFormatter });
  const tokens: string[] = [];
  const closeCodes: number[] = [];
  const gateway = createGateway({
    router: t.router(
      createJobsRouter(telltale, { procedure: t.procedure, subject: (ctx) => ctx.subject, submit: ["wait"] })._def
        .record,
    ),
    createContext: ({ req, connectionParams, transport }) => {
      const token = connectionParams?.authorization ?? req.headers.authorization ?? "";
      if (transport === "ws" || req.headers.accept?.includes("event-stream")) tokens.push(token);
      return new Session(token);
    },
    logger: false,
    observer: (event) => void (event.type === "socket.closed" && closeCodes.push(event.closeCode)),
  });
  const { url, port } = await gateway.listen(0);
  return {
    ...{ telltale, gateway, url, port, tokens, closeCodes },
    [Symbol.asyncDispose]: async () => {
      await gateway.close({ graceMs: 0 });
      await telltale[Symbol.asyncDispose]();
    },
  };
}

test.each(["ws", "sse"] as const)(
  "over %s, a watch whose credentials expire continues with new ones and misses nothing",
  async (transport) => {
    await using server = await openJobs();
    const { id } = await server.telltale.wait.submit({}, { owner: "ann" });
    const given = ["ann once", "ann lasts"];
    await using client = createClient<typeof jobs>({
      url: server.url,
      transport,
      auth: () => given.shift() ?? "ann lasts",
    });
    const seen: string[] = [];

    const watching = (async () => {
      for await (const now of client.wait.job(id).watch()) seen.push(now.status);
    })();
    await eventually(() => expect(server.tokens).toEqual(["Bearer ann once", "Bearer ann lasts"]), 20_000);
    await using worker = createWorker({ telltale: server.telltale, handlers: [handle(wait, async () => ({}))] });
    await worker.start();
    await watching;

    expect(seen).toEqual(["queued", "running", "completed"]);
    if (transport === "ws") expect(server.closeCodes[0]).toBe(CLOSE_CODES.credentialsExpired);
  },
);

test("after credentials expire on an open socket, they no longer give operator access", async () => {
  await using server = await openJobs();
  using socket = await openSocket(`${server.url.replace("http", "ws")}/trpc?connectionParams=1`);
  const pause = (id: number): object => ({
    id,
    method: "mutation",
    params: { path: "queues.pause", input: { json: { queue: "wait" } } },
  });
  socket.send({ method: "connectionParams", data: { authorization: "Bearer ann once" } });

  socket.send(pause(1));
  await socket.next((message) => message.id === 1 && message.result);

  expect(await socket.closed()).toBe(4401);
});

test("disconnect() closes the sockets and event streams of one subject, and no others", async () => {
  await using server = await openJobs();
  const { id } = await server.telltale.wait.submit({}, { owner: "ann" });
  const watch = { id: 1, method: "subscription", params: { path: "onStatus", input: { json: { id } } } };
  using socket = await openSocket(`${server.url.replace("http", "ws")}/trpc?connectionParams=1`);
  socket.send({ method: "connectionParams", data: { authorization: "Bearer ann lasts" } });
  socket.send(watch);
  await socket.next((message) => message.result?.data);
  const input = encodeURIComponent(JSON.stringify({ json: { id } }));
  const stream = connect(server.port, "127.0.0.1");
  stream.on("error", () => {}); // A reset ends it as well.
  stream.write(
    `GET /trpc/onStatus?input=${input} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\nAuthorization: Bearer ann lasts\r\n\r\n`,
  );
  await once(stream, "data");
  await eventually(() => expect(server.gateway.subscriptions).toBe(2));

  const ended = new Promise((resolve) => stream.once("close", resolve));
  const others = server.gateway.disconnect("bob");
  const closed = server.gateway.disconnect("ann");

  expect([others, closed]).toEqual([0, 2]);
  expect(await socket.closed()).toBe(4401);
  await ended;
  await eventually(() => expect(server.gateway.subscriptions).toBe(0));
  expect(server.gateway.disconnect("ann")).toBe(0);
});

test("calls that arrive while a socket is being closed are not executed", async () => {
  await using server = await openJobs();
  using socket = await openSocket(`${server.url.replace("http", "ws")}/trpc?connectionParams=1`);
  socket.send({ method: "connectionParams", data: { authorization: "Bearer ann lasts" } });
  socket.send({ id: 1, method: "query", params: { path: "queues.list" } });
  await socket.next((message) => message.id === 1 && message.result);

  server.gateway.disconnect("ann");
  socket.send({ id: 2, method: "mutation", params: { path: "queues.pause", input: { json: { queue: "wait" } } } });
  await socket.closed();
  await eventually(() => expect(server.gateway.sockets).toBe(0));

  expect(await server.telltale.$engine.find.stats()).toMatchObject([{ queue: "wait", paused: false }]);
});

test("a connection with renewed credentials stays open, and closed connections leave nothing in memory", () => {
  vi.useFakeTimers({ now: 0 });
  const ended: string[] = [];
  const callers = new Callers();
  const renewed = { end: () => void ended.push("renewed") };
  const expired = { end: () => void ended.push("expired") };
  const far = { end: () => void ended.push("far") };
  callers.identify(renewed, { id: "ann", expiresAt: new Date(1_000) });
  callers.identify(expired, { id: "ann", expiresAt: new Date(1_000) });
  callers.identify(far, { id: "bob", expiresAt: new Date(2 ** 31 + 5_000) });

  callers.identify(renewed, { id: "ann", expiresAt: new Date(2_000) });
  vi.advanceTimersByTime(1_999);
  expect(ended).toEqual(["expired"]);
  callers.forget(renewed);
  vi.advanceTimersByTime(2 ** 31);
  expect(ended).toEqual(["expired"]);
  vi.advanceTimersByTime(5_000);

  expect(ended).toEqual(["expired", "far"]);
  expect(callers.size).toBe(0);
  vi.useRealTimers();
});
