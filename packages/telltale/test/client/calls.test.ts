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

test("a submit whose answer was lost is asked for again under the same idempotency key", async () => {
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

test("every submit has an idempotency key of its own unless it is given", async () => {
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

test("a refusal that no retry can mend is told at once", async () => {
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
  ["a page", 404, "text/html", "<h1>Not here</h1>", "invalid_config"],
  ["a server's own JSON", 404, "application/json", '{"error":"not found"}', "invalid_config"],
  ["the gateway, of a body over its limit", 413, "application/json", '{"error":"Payload Too Large"}', "too_large"],
  ["the gateway, of a stranger's page", 403, "application/json", '{"error":"Forbidden"}', "forbidden"],
])(
  "a refusal that no procedure wrote (%s) is told at once, over HTTP and SSE",
  async (_who, status, type, body, code) => {
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

test("a refusal of the gateway is told in its own words", async () => {
  const body = JSON.stringify({ error: "pages of this origin may not call: add it to the `origins` of createGateway" });
  await using server = await answering((res) => res.writeHead(403, { "content-type": "application/json" }).end(body));
  await using client = createClient<typeof jobs>({ url: server.url });

  await expect(client.judge.submit({ source: "" })).rejects.toMatchObject({
    code: "forbidden",
    message: "The server answered 403: pages of this origin may not call: add it to the `origins` of createGateway",
  });
});

test("on a page a call without an answer says that the page's origin may be refused, which no browser tells", async () => {
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

/** A server that answers everything alike. */
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

test("a server that nothing answers for is unreachable, so the caller knows that nothing was submitted", async () => {
  const gone = await startJobsServer({});
  await gone[Symbol.asyncDispose]();
  await using client = createClient<typeof jobs>({ url: gone.url });

  await expect(client.judge.submit({ source: "" })).rejects.toMatchObject({ code: "unreachable" });
});

test("a job's outcome is a result that can be told apart, or an output that throws", async () => {
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

test("cancel says what it did, and no secret is in an address", async () => {
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

test("without auth a client is one anonymous session, over HTTP and WebSocket alike", async () => {
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

test("a client on the application's own tRPC client speaks to the router under its name", async () => {
  await using server = await startJobsServer({
    submit: () => SUBMITTED,
    onStatus: async function* () {
      yield status(1, "cancelled");
    },
  });
  // `ws` has what tRPC uses of the DOM's class.
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

test("a client can be awaited, compared and printed like any object", async () => {
  await using client = createClient<typeof jobs>({ url: "http://127.0.0.1:1" });

  expect(await Promise.resolve(client)).toBe(client);
  expect(client.judge).toBe(client.judge);
  expect(Reflect.get(client, "then")).toBeUndefined();
  expect(String(client)).toBe("[object Object]");
  expect(JSON.stringify(client)).toBeTypeOf("string");
});

test("jobs are listed page by page until there are no more, short pages among them", async () => {
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

test("a job is looked at once, by its id and by what right", async () => {
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
])("an answer to a list that is none (%o) is not taken for one", async (answer) => {
  await using server = await startJobsServer({ list: () => answer, get: () => answer });
  await using client = createClient<typeof jobs>({ url: server.url });

  await expect(client.judge.list().page()).rejects.toMatchObject({ code: "invalid_config" });
  await expect(client.judge.job(JUDGE_ID).get()).rejects.toMatchObject({ code: "invalid_config" });
});

test("a list that is refused, or asked for after the client was closed, says so", async () => {
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

test("a port that fetch never uses is told as that, and no submit is in doubt", async () => {
  await using client = createClient<typeof jobs>({ url: "http://127.0.0.1:6000" });

  await expect(client.judge.submit({ source: "" })).rejects.toMatchObject({
    code: "invalid_config",
    message: expect.stringMatching(/port/),
  });
});

test("a page where a server should be is told at once, and no submit is in doubt", async () => {
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
