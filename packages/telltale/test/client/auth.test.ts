import { waitFor } from "@telltale/testkit";
import { TRPCError } from "@trpc/server";
import { TelltaleError } from "telltale";
import { type ConnectionState, createClient } from "telltale/client";
import { expect, onTestFinished, test, vi } from "vitest";
import { startRelay } from "../relay.js";
import { JUDGE_ID, type jobs } from "./contracts.js";
import { deferred } from "./deferred.js";
import { status, untilGone } from "./frames.js";
import { startJobsServer } from "./jobs-server.js";
import { isTrpcFrom } from "./trpc-version.js";

const OUTPUT = { verdict: "accepted", at: new Date(0) };
const OF_BOB = `judge_${"b".repeat(32)}`;

/** A server on which the first job belongs to Ann and never ends, and the other one to Bob. */
async function startServer() {
  const users: string[] = [];
  const server = await startJobsServer({
    submit: () => ({ id: OF_BOB, kind: "judge", status: "queued" }),
    onStatus: async function* ({ input, authorization, signal }) {
      const user = authorization?.replace("Bearer ", "") ?? "";
      const owner = input.id === OF_BOB ? "bob" : "ann";
      users.push(`${user} watches a job of ${owner}`);
      if (user !== owner) throw new TRPCError({ code: "NOT_FOUND", cause: new TelltaleError("not_found") });
      yield status(1, "queued");
      if (owner === "ann") await untilGone(signal);
      else yield status(2, "completed", { output: OUTPUT });
    },
  });
  return Object.assign(server, { users });
}

test.each(["ws", "sse"] as const)(
  "over %s, after a login as another user, watches are those of the new user",
  async (transport) => {
    let user = "ann";
    await using server = await startServer();
    await using client = createClient<typeof jobs>({ url: server.url, transport, auth: () => user });
    const ofAnn = client.judge.job(JUDGE_ID).watch();
    await ofAnn.next();
    const isEnded = expect(ofAnn.next()).rejects.toMatchObject({ code: "not_found" });

    user = "bob";
    const job = client.judge.job(OF_BOB);

    await expect(job.output()).resolves.toEqual(OUTPUT);
    await isEnded;
    expect(server.users.at(0)).toBe("ann watches a job of ann");
    expect(server.users.slice(1).toSorted()).toEqual(["bob watches a job of ann", "bob watches a job of bob"]);
  },
);

test.each(["ws", "sse"] as const)(
  "over %s, a call as another user ends what the previous user watched",
  async (transport) => {
    let user = "ann";
    await using server = await startServer();
    await using client = createClient<typeof jobs>({ url: server.url, transport, auth: async () => user });
    const ofAnn = client.judge.job(JUDGE_ID).watch();
    await ofAnn.next();
    const isEnded = expect(ofAnn.next()).rejects.toMatchObject({ code: "not_found" });

    user = "bob";
    await client.judge.submit({ source: "" });

    await isEnded;
  },
);

test.each(["ws", "sse"] as const)(
  "over %s, a connection whose credentials arrive after a login as another user is that of the new user",
  async (transport) => {
    const slow = deferred();
    let calls = 0;
    await using server = await startServer();
    const auth = () => (++calls === 1 ? slow.promise.then(() => "ann") : "bob");
    await using client = createClient<typeof jobs>({ url: server.url, transport, auth });
    const first = client.judge.job(OF_BOB).watch().next();
    await waitFor(() => calls === 1);

    await client.judge.submit({ source: "" });
    slow.resolve();

    await expect(first).resolves.toMatchObject({ value: { seq: 1 } });
    expect(server.users).toEqual(["bob watches a job of bob"]);
  },
);

test("a WebSocket that is being opened during a login as another user does not stay that of the previous one", async () => {
  vi.spyOn(Math, "random").mockReturnValue(0);
  onTestFinished(() => void vi.restoreAllMocks());
  let user = "ann";
  await using server = await startServer();
  await using relay = await startRelay(server.url);
  await using client = createClient<typeof jobs>({ url: relay.url, auth: () => user });
  const ofAnn = client.judge.job(JUDGE_ID).watch();
  await ofAnn.next();
  const isEnded = expect(ofAnn.next()).rejects.toMatchObject({ code: "not_found" });

  relay.hold();
  server.askToReconnect();
  await waitFor(() => relay.held === 1);
  user = "bob";
  const ofBob = client.judge.job(OF_BOB).watch();
  const first = ofBob.next();
  await waitFor(() => server.sockets.size === 0);
  relay.release();

  if (!isTrpcFrom(11, 25)) {
    // Older versions send the request before the client can close the connection.
    await expect(first).rejects.toMatchObject({ code: "not_found" });
    isEnded.catch(() => {});
    return;
  }
  await expect(first).resolves.toMatchObject({ value: { seq: 1 } });
  await isEnded;
  expect(server.users[0]).toBe("ann watches a job of ann");
  expect(server.users.slice(1).toSorted()).toEqual(["bob watches a job of ann", "bob watches a job of bob"]);
});

test("a new token of the same user does not interrupt watches", async () => {
  let exp = 0;
  const jwt = (): string =>
    ["header", Buffer.from(JSON.stringify({ sub: "ann", exp: exp++ })).toString("base64url"), "sig"].join(".");
  let subscriptions = 0;
  await using server = await startJobsServer({
    submit: () => ({ id: JUDGE_ID, kind: "judge", status: "queued" }),
    onStatus: async function* ({ signal }) {
      subscriptions++;
      yield status(1, "queued");
      await untilGone(signal);
    },
  });
  await using client = createClient<typeof jobs>({ url: server.url, auth: jwt });
  const connection: ConnectionState[] = [];
  const watch = client.judge.job(JUDGE_ID).watch({ onConnection: (state) => connection.push(state) });
  await watch.next();

  await client.judge.submit({ source: "" });
  for await (const _ of client.judge.job(JUDGE_ID).watch()) break;
  await watch.return?.();

  expect(exp).toBeGreaterThan(2);
  expect(subscriptions).toBe(2);
  expect(connection).toEqual(["connecting", "live", "closed"]);
});

test.each(["ws", "sse"] as const)(
  "over %s, an auth function that fails for 45 seconds ends a watch with unauthorized, at the start and after a loss",
  async (transport) => {
    const clock = clockThatGoesOn();
    const cause = new Error("logged out");
    let isLoggedIn = true;
    let failures = 0;
    await using server = await startServer();
    await using client = createClient<typeof jobs>({
      url: server.url,
      transport,
      auth: () => {
        if (isLoggedIn) return "ann";
        failures++;
        clock.ms += 12_000;
        throw cause;
      },
    });
    // Over server-sent events, older versions of tRPC drop the cause.
    const hasCause = transport === "ws" || isTrpcFrom(11, 25);
    const unauthorized = { code: "unauthorized", ...(hasCause && { cause }) };
    const connection: ConnectionState[] = [];
    const watch = client.judge.job(JUDGE_ID).watch({ onConnection: (state) => connection.push(state) });
    await watch.next();

    isLoggedIn = false;
    server.cut();

    await expect(watch.next()).rejects.toMatchObject(unauthorized);
    expect(connection).toEqual(["connecting", "live", "reconnecting", "closed"]);
    expect(failures).toBe(5);
    clock.ms += 3_600_000;
    await expect(client.judge.job(JUDGE_ID).watch().next()).rejects.toMatchObject(unauthorized);
    isLoggedIn = true;
    await expect(client.judge.job(JUDGE_ID).watch().next()).resolves.toMatchObject({ value: { seq: 1 } });
  },
);

/** The clock of the client's pauses, which shows later times when `ms` is raised. */
function clockThatGoesOn() {
  vi.spyOn(Math, "random").mockReturnValue(0);
  const clock = { ms: 0 };
  const now = performance.now.bind(performance);
  vi.spyOn(performance, "now").mockImplementation(() => now() + clock.ms);
  onTestFinished(() => void vi.restoreAllMocks());
  return clock;
}

test("an auth function that fails for a moment interrupts nothing", async () => {
  let calls = 0;
  await using server = await startServer();
  await using client = createClient<typeof jobs>({
    url: server.url,
    auth: () => {
      if (++calls < 4) throw new Error("not yet");
      return "ann";
    },
  });

  await expect(client.judge.job(JUDGE_ID).watch().next()).resolves.toMatchObject({ value: { seq: 1 } });

  await waitFor(() => server.users.length === 1);
  expect(calls).toBe(4);
});
