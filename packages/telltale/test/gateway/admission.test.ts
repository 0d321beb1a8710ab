import { eventually } from "@telltale/testkit";
import { expect, test } from "vitest";
import { openGateway } from "./open-gateway.js";
import { answerTo, type OpenSocket, openSocket } from "./open-socket.js";
import { rawExchange } from "./raw-exchange.js";

const subscribe = (id: number): object => ({ id, method: "subscription", params: { path: "admitted" } });
const stop = (id: number): object => ({ id, method: "subscription.stop" });

async function socketOf(url: string, user: string): Promise<OpenSocket> {
  const socket = await openSocket(`${url}?connectionParams=1`);
  socket.send({ method: "connectionParams", data: { user } });
  return socket;
}

const admitted = (id: number) => (message: { id?: unknown; result?: { data?: unknown } }) =>
  message.id === id && message.result?.data !== undefined;

test("the 101st subscription of a socket is refused until another ends", async () => {
  await using server = await openGateway();
  using socket = await socketOf(server.wsUrl, "ada");

  for (let id = 1; id <= 100; id++) socket.send(subscribe(id));
  for (let id = 1; id <= 100; id++) await socket.next(admitted(id));
  socket.send(subscribe(101));
  const refused = await socket.next((message) => message.id === 101 && message.error);
  socket.send(stop(1));
  await socket.next((message) => message.id === 1 && message.result?.type === "stopped");
  socket.send(subscribe(102));

  expect(refused.json.message).toBe("A socket holds at most 100 subscriptions");
  expect(await socket.next(admitted(102))).toBe(true);
  expect(server.gateway.subscriptions).toBe(100);
});

test("with two places per caller, a caller's third socket is refused and another caller's is accepted", async () => {
  await using server = await openGateway({ limits: { socketsPerSubject: 2 } });
  const sockets = await Promise.all(["ada", "ada", "ada", "bob"].map((user) => socketOf(server.wsUrl, user)));

  const answers = [];
  for (const socket of sockets) {
    socket.send(subscribe(1));
    answers.push(await socket.next((message) => answerTo(1)(message)?.result?.data ?? message.error));
  }
  const [first, , third] = sockets;
  first?.ws.close();
  await first?.closed();
  await eventually(() => expect(server.gateway.subscriptions).toBe(2));
  third?.send(subscribe(2));

  expect(JSON.stringify(answers[2])).toContain("A caller watches on at most 2 sockets and event streams together");
  for (const index of [0, 1, 3]) expect(JSON.stringify(answers[index])).toContain("admitted");
  expect(await third?.next(admitted(2))).toBe(true);
  for (const socket of sockets) socket.ws.terminate();
});

test("subscribing and stopping 2,000 times leaves nothing behind", async () => {
  const warnings: string[] = [];
  const onWarning = (warning: Error): void => {
    warnings.push(warning.name);
  };
  process.on("warning", onWarning);
  await using server = await openGateway();
  using socket = await socketOf(server.wsUrl, "ada");

  for (let round = 0; round < 40; round++) {
    for (let id = 1; id <= 50; id++) {
      socket.send(subscribe(id));
      socket.send(stop(id));
    }
    for (let id = 1; id <= 50; id++) {
      await socket.next((message) => message.id === id && message.result?.type === "stopped");
    }
  }

  expect(server.gateway.subscriptions).toBe(0);
  expect(warnings).toEqual([]);
  process.off("warning", onWarning);
});

test("a subscription that is stopped while its context is created never starts", async () => {
  let make = (): void => {};
  const made = new Promise<void>((resolve) => {
    make = resolve;
  });
  await using server = await openGateway({
    createContext: async () => {
      await made;
      return { user: "ada" };
    },
  });
  using socket = await openSocket(server.wsUrl);

  socket.send(JSON.stringify([subscribe(1), subscribe(2)]));
  socket.send(stop(1));
  socket.send({ id: 3, method: "query", params: { path: "ping" } });
  make();
  await socket.next(answerTo(3));
  await socket.next(admitted(2));
  await socket.next((message) => message.id === 1 && message.result?.type === "stopped");

  expect(server.gateway.subscriptions).toBe(1);
});

test("a socket that is cut releases its places and subscriptions", async () => {
  await using server = await openGateway();
  using socket = await socketOf(server.wsUrl, "ada");
  socket.send(subscribe(1));
  await socket.next(admitted(1));

  socket.ws.terminate();

  await eventually(() => expect(server.gateway.subscriptions).toBe(0));
  expect(server.gateway.sockets).toBe(0);
});

test("a quiet SSE stream is pinged", async () => {
  await using server = await openGateway({ limits: { pingMs: 30 } });

  const answer = await rawExchange(
    server.port,
    "GET /trpc/follow?input=%7B%22json%22%3A%7B%7D%7D HTTP/1.1\r\nHost: localhost\r\n\r\n",
    { until: "event: ping" },
  );

  expect(answer.text).toContain("event: ping");
});

test("a client that does not answer PING is cut", async () => {
  await using server = await openGateway({ limits: { pingMs: 30, pongMs: 30 } });
  using socket = await openSocket(server.wsUrl);

  expect(await socket.closed()).toBe(1006);
});
