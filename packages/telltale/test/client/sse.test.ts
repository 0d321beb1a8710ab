import { createServer } from "node:http";
import { TRPCError } from "@trpc/server";
import { TelltaleError, transformer } from "telltale";
import { type ConnectionState, createClient } from "telltale/client";
import { expect, onTestFinished, test } from "vitest";
import { JUDGE_ID, type jobs } from "./contracts.js";
import { deferred } from "./deferred.js";
import { status, untilGone } from "./frames.js";
import { startJobsServer } from "./jobs-server.js";

const OUTPUT = { verdict: "accepted", at: new Date(0) };

test("over server-sent events a watcher resumes after the last event it received", async () => {
  const cursors: unknown[] = [];
  await using server = await startJobsServer({
    onStatus: async function* ({ input, signal }) {
      cursors.push(input.lastEventId);
      if (cursors.length === 1) {
        yield status(1, "queued");
        await untilGone(signal);
      } else {
        yield status(2, "completed", { output: OUTPUT });
      }
    },
  });
  await using client = createClient<typeof jobs>({ url: server.url, transport: "sse" });
  const connection: ConnectionState[] = [];

  const seen: unknown[] = [];
  for await (const event of client.judge.job(JUDGE_ID).watch({ onConnection: (state) => connection.push(state) })) {
    seen.push(event.status === "completed" ? event.output : event.status);
    if (event.seq === 1) server.cut();
  }

  expect(seen).toEqual(["queued", OUTPUT]);
  expect(cursors).toEqual([undefined, expect.stringMatching(/:1\.0$/)]);
  expect(connection).toEqual(["connecting", "live", "reconnecting", "live", "closed"]);
});

test("over server-sent events a job's token is sent in its own header, next to the user's, and never in the URL", async () => {
  const calls: unknown[] = [];
  await using server = await startJobsServer({
    onStatus: async function* ({ url, authorization, jobToken, input }) {
      calls.push({ isInUrl: url?.includes("secret"), authorization, jobToken, input });
      yield status(1, "cancelled");
    },
  });
  await using client = createClient<typeof jobs>({ url: server.url, transport: "sse", auth: "session-secret" });

  await client.judge.job(JUDGE_ID).result();
  await client.judge.job(JUDGE_ID, { token: "job-secret" }).result();

  expect(calls).toEqual([
    { isInUrl: false, authorization: "Bearer session-secret", jobToken: undefined, input: { id: JUDGE_ID } },
    { isInUrl: false, authorization: "Bearer session-secret", jobToken: "job-secret", input: { id: JUDGE_ID } },
  ]);
});

test("over server-sent events a watcher rejects with not_found without a retry", async () => {
  let subscriptions = 0;
  await using server = await startJobsServer({
    onStatus: () => {
      subscriptions++;
      throw new TRPCError({ code: "NOT_FOUND", cause: new TelltaleError("not_found") });
    },
  });
  await using client = createClient<typeof jobs>({ url: server.url, transport: "sse" });

  await expect(client.judge.job(JUDGE_ID).watch().next()).rejects.toMatchObject({ code: "not_found" });

  expect(subscriptions).toBe(1);
});

test.each([
  [401, "text/event-stream", "unauthorized"],
  [404, "text/plain", "invalid_config"],
])(
  "over server-sent events a watcher rejects after a response with %i, without a retry",
  async (statusCode, type, code) => {
    let requests = 0;
    const server = createServer((_, res) => {
      requests++;
      res.writeHead(statusCode, { "content-type": type }).end("data: no\n\n");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    await using client = createClient<typeof jobs>({ url: `http://127.0.0.1:${port}`, transport: "sse" });

    await expect(client.judge.job(JUDGE_ID).watch().next()).rejects.toMatchObject({ code });

    expect(requests).toBe(1);
    server.closeAllConnections();
  },
);

test("over server-sent events an error that arrives together with the end of the stream is not lost", async () => {
  let requests = 0;
  const shape = { code: -32004, message: "No such job", data: { code: "NOT_FOUND", telltale: { code: "not_found" } } };
  const server = createServer((_, res) => {
    requests++;
    res.writeHead(200, { "content-type": "text/event-stream" });
    const error = JSON.stringify(transformer.serialize(shape));
    res.end(`event: connected\ndata: {}\n\nevent: ping\ndata: \n\nevent: serialized-error\ndata: ${error}\n\n`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  await using client = createClient<typeof jobs>({ url: `http://127.0.0.1:${port}`, transport: "sse" });

  await expect(client.judge.job(JUDGE_ID).watch().next()).rejects.toMatchObject({ code: "not_found" });

  expect(requests).toBe(1);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

test("over server-sent events a watcher resumes after a retryable error in the middle of the stream", async () => {
  let subscriptions = 0;
  await using server = await startJobsServer({
    onStatus: async function* () {
      if (++subscriptions === 1) {
        yield status(1, "queued");
        throw new TRPCError({ code: "SERVICE_UNAVAILABLE", cause: new TelltaleError("redis_unavailable") });
      }
      yield status(2, "completed", { output: OUTPUT });
    },
  });
  await using client = createClient<typeof jobs>({ url: server.url, transport: "sse" });

  await expect(client.judge.job(JUDGE_ID).output()).resolves.toEqual(OUTPUT);
});

test("over server-sent events, leaving the loop ends the request", async () => {
  const gone = deferred();
  await using server = await startJobsServer({
    onStatus: async function* ({ signal }) {
      yield status(1, "queued");
      await untilGone(signal);
      gone.resolve();
    },
  });
  await using client = createClient<typeof jobs>({ url: server.url, transport: "sse" });

  for await (const _ of client.judge.job(JUDGE_ID).watch()) break;

  await gone.promise;
});
