import { createServer, type ServerResponse } from "node:http";
import { createTRPCClient, createWSClient, httpLink, splitLink, wsLink } from "@trpc/client";
import { TRPCError } from "@trpc/server";
import { TelltaleError, transformer } from "telltale";
import { createClient, createJobsClient } from "telltale/client";
import { expect, onTestFinished, test, vi } from "vitest";
import { WebSocket } from "ws";
import { JUDGE_ID, type jobs } from "./contracts.js";
import { status } from "./frames.js";
import { startJobsServer } from "./jobs-server.js";

const SUBMITTED = { id: JUDGE_ID, kind: "judge", status: "queued", token: "job-token" };

test("a submit whose reply was lost is repeated with the same idempotency key", async () => {
  const keys: unknown[] = [];
  await using server = await startJobsServer({
    submit: ({ input }) => {
      keys.push(Reflect.get(Object(input.options), "idempotencyKey"));
      if (keys.length === 1) server.cut();
      return SUBMITTED;
    },
  });
  await using client = createClient<typeof jobs>({ url: server.url });

  const job = await client.judge.submit({ source: "" });

  expect(job).toMatchObject({ id: JUDGE_ID, statusAtSubmit: "queued", token: "job-token" });
  expect(client.judge.job(JUDGE_ID).statusAtSubmit).toBeUndefined();
  expect(keys).toHaveLength(2);
  expect(keys[1]).toBe(keys[0]);
  expect(keys[0]).toMatch(/^[A-Za-z0-9._:-]{20,128}$/);
});

test("every submit gets its own idempotency key, unless one is given", async () => {
  const options: unknown[] = [];
  await using server = await startJobsServer({
    submit: ({ input }) => {
      options.push(input.options);
      return SUBMITTED;
    },
  });
  await using client = createClient<typeof jobs>({ url: server.url });
  const runAt = new Date(5_000);

  await client.judge.submit({ source: "" });
  await client.judge.submit({ source: "" }, { idempotencyKey: "mine", delay: "1.5s", tags: ["a"] });
  await client.judge.submit({ source: "" }, { runAt, priority: "high", uniqueKey: "u" });

  expect(options).toEqual([
    { idempotencyKey: expect.any(String) },
    { idempotencyKey: "mine", delayMs: 1_500, tags: ["a"] },
    { idempotencyKey: expect.any(String), runAt, priority: "high", uniqueKey: "u" },
  ]);
});

test("an error that no retry can fix rejects without a retry", async () => {
  let calls = 0;
  await using server = await startJobsServer({
    submit: () => {
      calls++;
      throw new TRPCError({ code: "BAD_REQUEST", cause: new TelltaleError("invalid_input") });
    },
  });
  await using client = createClient<typeof jobs>({ url: server.url });

  await expect(client.judge.submit({ source: "" })).rejects.toMatchObject({
    name: "TelltaleError",
    code: "invalid_input",
  });

  expect(calls).toBe(1);
});

test.each([
  ["an HTML page", 404, "text/html", "<h1>Not here</h1>", "invalid_config"],
  ["another server's JSON", 404, "application/json", '{"error":"not found"}', "invalid_config"],
  ["the gateway, for a body over its limit", 413, "application/json", '{"error":"Payload Too Large"}', "too_large"],
  ["the gateway, for a page of another origin", 403, "application/json", '{"error":"Forbidden"}', "forbidden"],
])(
  "a refusal that is not a tRPC reply (%s) rejects without a retry, over HTTP and SSE",
  async (_from, status, type, body, code) => {
    let requests = 0;
    const server = createServer((_, res) => {
      requests++;
      res.writeHead(status, { "content-type": type }).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    await using client = createClient<typeof jobs>({ url: `http://127.0.0.1:${port}`, transport: "sse" });

    await expect(client.judge.submit({ source: "" })).rejects.toMatchObject({ code });
    await expect(client.judge.job(JUDGE_ID).watch().next()).rejects.toMatchObject({ code });

    expect(requests).toBe(2);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  },
);

test("a refusal by the gateway keeps the gateway's message", async () => {
  const body = JSON.stringify({ error: "pages of this origin may not call: add it to the `origins` of createGateway" });
  await using server = await answering((res) => res.writeHead(403, { "content-type": "application/json" }).end(body));
  await using client = createClient<typeof jobs>({ url: server.url });

  await expect(client.judge.submit({ source: "" })).rejects.toMatchObject({
    code: "forbidden",
    message: "The server returned 403: pages of this origin may not call: add it to the `origins` of createGateway",
  });
});

test("on a page, the error of a call without a reply mentions the gateway's origins, because browsers do not say why it failed", async () => {
  vi.stubGlobal("location", { origin: "https://app.example" });
  onTestFinished(() => void vi.unstubAllGlobals());
  await using server = await answering((res) => res.destroy());
  await using client = createClient<typeof jobs>({ url: server.url });
  const message = expect.stringMatching(
    /another origin than this page, add https:\/\/app\.example to the `origins` of createGateway/,
  );

  await expect(client.judge.job(JUDGE_ID).cancel()).rejects.toMatchObject({ code: "outcome_unknown", message });
  await expect(client.judge.submit({ source: "" })).rejects.toMatchObject({ code: "outcome_unknown", message });
});

/** Starts a server that gives the same response to every request. */
async function answering(answer: (res: ServerResponse) => void) {
  const server = createServer((_, res) => answer(res));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test("a refused connection is reported as unreachable, so the caller knows that nothing was submitted", async () => {
  const gone = await startJobsServer({});
  await gone[Symbol.asyncDispose]();
  await using client = createClient<typeof jobs>({ url: gone.url });

  await expect(client.judge.submit({ source: "" })).rejects.toMatchObject({ code: "unreachable" });
});

test("result() returns how a job ended, and output() rejects unless it completed", async () => {
  const error = { code: "unknown_problem", message: "No such problem", data: { problem: "x" } };
  await using server = await startJobsServer({
    onStatus: async function* ({ input }) {
      if (input.token === "failed") yield status(1, "failed", { error });
      else yield status(1, "cancelled");
    },
  });
  await using client = createClient<typeof jobs>({ url: server.url });
  const failed = client.judge.job(JUDGE_ID, { token: "failed" });
  const cancelled = client.judge.job(JUDGE_ID, { token: "cancelled" });

  await expect(failed.result()).resolves.toEqual({ ok: false, status: "failed", error });
  await expect(cancelled.result()).resolves.toEqual({ ok: false, status: "cancelled" });
  await expect(failed.output()).rejects.toMatchObject({ code: "job_failed", data: error });
  await expect(cancelled.output()).rejects.toMatchObject({ code: "job_cancelled" });
});

test("auth is asked for each call and each connection, so that a renewed login is used", async () => {
  const seen: (string | undefined)[] = [];
  await using server = await startJobsServer({
    submit: ({ authorization }) => {
      seen.push(authorization);
      return SUBMITTED;
    },
    onStatus: async function* ({ authorization, input }) {
      seen.push(authorization);
      yield status(1, "queued");
      if (!input.lastEventId) {
        server.cut();
        return;
      }
      yield status(2, "completed", { output: { verdict: "accepted", at: new Date(0) } });
    },
  });
  let login = 0;
  await using client = createClient<typeof jobs>({ url: server.url, auth: () => `login-${++login}` });

  await client.judge.submit({ source: "" });
  await client.judge.submit({ source: "" });
  for await (const _ of client.judge.job(JUDGE_ID).watch());

  expect(seen).toEqual(["Bearer login-1", "Bearer login-2", "Bearer login-3", "Bearer login-4"]);
});

test("cancel returns its outcome, and no secret is part of a URL", async () => {
  const urls: unknown[] = [];
  await using server = await startJobsServer({
    cancel: ({ url, input, authorization }) => {
      urls.push(url);
      expect(input).toEqual({ id: JUDGE_ID, token: "secret-token" });
      expect(authorization).toBe("Bearer me");
      return { outcome: "requested" };
    },
  });
  await using client = createClient<typeof jobs>({ url: server.url, auth: async () => "me" });

  await expect(client.judge.job(JUDGE_ID, { token: "secret-token" }).cancel()).resolves.toBe("requested");

  expect(urls).toEqual(["/trpc/cancel"]);
});

test("without auth, a client uses the same anonymous session over HTTP and WebSocket", async () => {
  const seen: unknown[] = [];
  await using server = await startJobsServer({
    submit: ({ authorization }) => {
      seen.push(authorization);
      return SUBMITTED;
    },
    onStatus: async function* ({ authorization }) {
      seen.push(authorization);
      yield status(1, "cancelled");
    },
  });
  await using client = createClient<typeof jobs>({ url: server.url });
  await using other = createClient<typeof jobs>({ url: server.url });

  const job = await client.judge.submit({ source: "" });
  await job.result();
  await other.judge.submit({ source: "" });

  expect(seen[0]).toMatch(/^Bearer anon_[A-Za-z0-9_-]{43}$/);
  expect(seen[1]).toBe(seen[0]);
  expect(seen[2]).not.toBe(seen[0]);
});

test("a client on the application's own tRPC client works with a router at the root and under a name", async () => {
  await using server = await startJobsServer({
    submit: () => SUBMITTED,
    onStatus: async function* () {
      yield status(1, "cancelled");
    },
  });
  // `ws` has all members of the DOM's class that tRPC uses.
  const webSocket = createWSClient({
    url: `${server.url}/trpc`,
    WebSocket: WebSocket as never,
    lazy: { enabled: true, closeMs: 0 },
  });
  const trpc = createTRPCClient<typeof server.app>({
    links: [
      splitLink({
        condition: (op) => op.type === "subscription",
        true: wsLink({ client: webSocket, transformer }),
        false: httpLink({ url: `${server.url}/trpc`, transformer }),
      }),
    ],
  });

  const underName = await createJobsClient<typeof jobs>(trpc.jobs).judge.submit({ source: "" });
  const atRoot = await createJobsClient<typeof jobs>(trpc).judge.submit({ source: "" });
  await using own = createClient<typeof jobs>({ url: server.url, router: "jobs" });

  await expect(underName.result()).resolves.toEqual({ ok: false, status: "cancelled" });
  await expect(atRoot.result()).resolves.toEqual({ ok: false, status: "cancelled" });
  await expect(own.judge.job(JUDGE_ID).result()).resolves.toEqual({ ok: false, status: "cancelled" });
});

test("a client can be awaited, compared and printed like any other object", async () => {
  await using client = createClient<typeof jobs>({ url: "http://127.0.0.1:1" });

  expect(await Promise.resolve(client)).toBe(client);
  expect(client.judge).toBe(client.judge);
  expect(Reflect.get(client, "then")).toBeUndefined();
  expect(String(client)).toBe("[object Object]");
  expect(JSON.stringify(client)).toBeTypeOf("string");
});

test("jobs are listed page by page to the end, also after a short page", async () => {
  const summary = {
    id: JUDGE_ID,
    kind: "judge",
    status: "failed",
    at: 1,
    createdAt: 1,
    round: 1,
    attempt: 1,
    tags: [],
  };
  const asked: unknown[] = [];
  await using server = await startJobsServer({
    list: ({ input }) => {
      asked.push(input);
      if (input.cursor === undefined) return { jobs: [summary], cursor: "second" };
      return input.cursor === "second" ? { jobs: [], cursor: "third" } : { jobs: [summary, summary], cursor: null };
    },
  });
  await using client = createClient<typeof jobs>({ url: server.url });
  const from = new Date(5_000);
  const list = client.judge.list({ status: "failed", from, limit: 2 });
  expect(asked).toEqual([]);

  const sizes: number[] = [];
  for await (const page of list) sizes.push(page.jobs.length);

  expect(sizes).toEqual([1, 2]);
  const filters = { kind: "judge", status: "failed", from, limit: 2 };
  expect(asked).toEqual([filters, { ...filters, cursor: "second" }, { ...filters, cursor: "third" }]);
  await expect(list.page()).resolves.toEqual({ jobs: [summary], cursor: "second" });
  await expect(client.judge.list({ cursor: "third" }).page()).resolves.toMatchObject({ cursor: null });
});

test("get returns a job by its id and sends its token", async () => {
  const detail = { id: JUDGE_ID, kind: "judge", status: "queued", createdAt: 1, errors: [], at: 1 };
  await using server = await startJobsServer({
    get: ({ input }) => {
      expect(input).toEqual({ id: JUDGE_ID, token: "job-token" });
      return detail;
    },
  });
  await using client = createClient<typeof jobs>({ url: server.url });

  await expect(client.judge.job(JUDGE_ID, { token: "job-token" }).get()).resolves.toEqual(detail);
  await expect(client.refund.job(JUDGE_ID).get()).rejects.toMatchObject({ code: "not_found" });
});

test.each([
  undefined,
  {},
  { jobs: [] },
  { jobs: {}, cursor: null },
  { jobs: [{}], cursor: null },
  { jobs: [5], cursor: "" },
])("a malformed reply (%o) to list and get rejects with invalid_config", async (answer) => {
  await using server = await startJobsServer({ list: () => answer, get: () => answer });
  await using client = createClient<typeof jobs>({ url: server.url });

  await expect(client.judge.list().page()).rejects.toMatchObject({ code: "invalid_config" });
  await expect(client.judge.job(JUDGE_ID).get()).rejects.toMatchObject({ code: "invalid_config" });
});

test("list rejects with the server's error, and with closed after the client was closed", async () => {
  await using server = await startJobsServer({
    list: () => {
      throw new TRPCError({ code: "FORBIDDEN", cause: new TelltaleError("forbidden") });
    },
  });
  const client = createClient<typeof jobs>({ url: server.url });
  await expect(client.judge.list().page()).rejects.toMatchObject({ code: "forbidden" });
  await client.close();

  await expect(client.judge.list().page()).rejects.toMatchObject({ code: "closed" });
});

test("a port that fetch blocks rejects with invalid_config, and not with outcome_unknown", async () => {
  await using client = createClient<typeof jobs>({ url: "http://127.0.0.1:6000" });

  await expect(client.judge.submit({ source: "" })).rejects.toMatchObject({
    code: "invalid_config",
    message: expect.stringMatching(/port/),
  });
});

test("an HTML page in place of a server rejects with invalid_config without a retry, and not with outcome_unknown", async () => {
  let calls = 0;
  const server = createServer((_, response) => {
    calls++;
    response.setHeader("content-type", "text/html; charset=utf-8").end("<h1>Hello</h1>");
  });
  const url = await new Promise<string>((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve(`http://127.0.0.1:${Object(server.address()).port}`));
  });
  await using client = createClient<typeof jobs>({ url });

  await expect(client.judge.submit({ source: "" })).rejects.toMatchObject({ code: "invalid_config" });
  expect(calls).toBe(1);
  server.close();
  server.closeAllConnections();
});
