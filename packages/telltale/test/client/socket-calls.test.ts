import { createClient } from "telltale/client";
import { expect, test } from "vitest";
import { JUDGE_ID, type jobs } from "./contracts.js";
import { status, untilGone } from "./frames.js";
import { type Answers, type Call, startJobsServer } from "./jobs-server.js";

const SUBMITTED = { id: JUDGE_ID, kind: "judge", status: "queued", token: "job-token" };

/** A server on which the job never ends, and which notes by whom and over what each submit arrived. */
async function startServer(submit: NonNullable<Answers["submit"]> = () => SUBMITTED) {
  const arrived: string[] = [];
  const keys: unknown[] = [];
  const server = await startJobsServer({
    submit: (call) => {
      arrived.push(`${over(call)} by ${call.authorization?.replace("Bearer ", "")}`);
      keys.push(Reflect.get(Object(call.input.options), "idempotencyKey"));
      return submit(call);
    },
    onStatus: async function* ({ signal }) {
      yield status(1, "queued");
      await untilGone(signal);
    },
  });
  return Object.assign(server, { arrived, keys });
}

function over({ url }: Call): string {
  return url?.startsWith("/trpc/submit") ? "http" : "ws";
}

test('with `calls: "ws"`, calls use HTTP until a WebSocket is open, and then that one', async () => {
  await using server = await startServer();
  await using client = createClient<typeof jobs>({ url: server.url, auth: "ann", calls: "ws" });

  await client.judge.submit({ source: "" });
  await client.judge.job(JUDGE_ID).watch().next();
  const job = await client.judge.submit({ source: "" });

  expect(job).toMatchObject({ id: JUDGE_ID, token: "job-token" });
  expect(server.arrived).toEqual(["http by ann", "ws by ann"]);
});

test("without the option, calls always use HTTP", async () => {
  await using server = await startServer();
  await using client = createClient<typeof jobs>({ url: server.url, auth: "ann" });

  await client.judge.job(JUDGE_ID).watch().next();
  await client.judge.submit({ source: "" });

  expect(server.arrived).toEqual(["http by ann"]);
});

test("a submit whose WebSocket is cut before the reply is repeated over HTTP with the same key", async () => {
  await using server = await startServer(() => {
    if (server.arrived.length === 1) server.cut();
    return SUBMITTED;
  });
  await using client = createClient<typeof jobs>({ url: server.url, auth: "ann", calls: "ws" });
  await client.judge.job(JUDGE_ID).watch().next();

  await client.judge.submit({ source: "" });

  expect(server.arrived.at(0)).toBe("ws by ann");
  expect(server.keys).toHaveLength(2);
  expect(server.keys[1]).toBe(server.keys[0]);
});

test("`auth` is asked for each call over a WebSocket, and a call of another user does not use the first user's", async () => {
  let user = "ann";
  let asked = 0;
  await using server = await startServer();
  const auth = () => {
    asked++;
    return user;
  };
  await using client = createClient<typeof jobs>({ url: server.url, auth, calls: "ws" });
  await client.judge.job(JUDGE_ID).watch().next();
  const askedBefore = asked;

  await client.judge.submit({ source: "" });
  expect(asked).toBe(askedBefore + 1);
  user = "bob";
  await client.judge.submit({ source: "" });

  expect(server.arrived.at(0)).toBe("ws by ann");
  expect(server.arrived.at(1)).toMatch(/ by bob$/);
});

test("a call whose `auth` fails rejects with `unauthorized`, although a WebSocket is open", async () => {
  let isLoggedIn = true;
  await using server = await startServer();
  const auth = () => {
    if (!isLoggedIn) throw new Error("logged out");
    return "ann";
  };
  await using client = createClient<typeof jobs>({ url: server.url, auth, calls: "ws" });
  await client.judge.job(JUDGE_ID).watch().next();

  isLoggedIn = false;

  await expect(client.judge.submit({ source: "" })).rejects.toMatchObject({ code: "unauthorized" });
  expect(server.arrived).toEqual([]);
});

test("a call over a WebSocket rejects with `closed` when the client is closed", async () => {
  let arrived = (): void => {};
  const arrival = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  await using server = await startServer(async ({ signal }) => {
    arrived();
    await untilGone(signal);
  });
  const client = createClient<typeof jobs>({ url: server.url, auth: "ann", calls: "ws" });
  await client.judge.job(JUDGE_ID).watch().next();

  const submitted = expect(client.judge.submit({ source: "" })).rejects.toMatchObject({ code: "closed" });
  await arrival;
  await client.close();

  await submitted;
});
