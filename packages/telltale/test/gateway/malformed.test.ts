import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { memoryLogger } from "./memory-logger.js";
import { openGateway } from "./open-gateway.js";
import { answerTo, type Message, openSocket } from "./open-socket.js";
import { rawExchange, upgradeHead } from "./raw-exchange.js";

/** A frame as a client must mask it, with every bit chosen. */
function frame(first: number, payload: Buffer): Buffer {
  const mask = randomBytes(4);
  const head =
    payload.length < 126
      ? Buffer.from([first, 0x80 | payload.length])
      : Buffer.concat([Buffer.from([first, 0x80 | 127, 0, 0, 0, 0]), uint32(payload.length)]);
  return Buffer.concat([head, mask, payload.map((byte, i) => byte ^ (mask[i % 4] ?? 0))]);
}

function uint32(n: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(n);
  return bytes;
}

const TEXT = 0x81;
const FRAGMENT = 0x01;
const CONTINUATION = 0x00;

describe("malformed frames close only their own socket", () => {
  const table: [string, number, Buffer][] = [
    ["reserved bits set (F1 80 00 00 00 00)", 1002, Buffer.from([0xf1, 0x80, 0, 0, 0, 0])],
    ["an unknown opcode", 1002, frame(0x83, Buffer.from("x"))],
    ["not masked", 1002, Buffer.from([TEXT, 1, 0x78])],
    ["a length of 2^63", 1009, Buffer.from([TEXT, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4])],
    ["a fragmented control frame", 1002, frame(0x09, Buffer.from("x"))],
    ["text that is not UTF-8", 1007, frame(TEXT, Buffer.from([0xc3, 0x28]))],
    ["a continuation without a first frame", 1002, frame(0x80, Buffer.from("x"))],
    ["a compressed bomb without compression agreed", 1002, frame(0xc1, Buffer.alloc(100_000))],
    ["128 KB and one byte in one frame", 1009, frame(TEXT, Buffer.alloc(128 * 1024 + 1, "x"))],
    [
      "128 KB and more in 10,000 fragments",
      1008,
      Buffer.concat([
        frame(FRAGMENT, Buffer.from("x")),
        ...Array.from({ length: 10_000 }, () => frame(CONTINUATION, Buffer.from("xxxxxxxxxxxxxx"))),
      ]),
    ],
    [
      "100,000 fragments of one byte",
      1008,
      Buffer.concat([
        frame(FRAGMENT, Buffer.from("x")),
        ...Array.from({ length: 100_000 }, () => Buffer.from([CONTINUATION, 0x81, 0, 0, 0, 0, 0x78])),
      ]),
    ],
    ["2 MB", 1009, frame(TEXT, Buffer.alloc(2 * 1024 * 1024, "x"))],
  ];
  test.each(table)("%s", async (_name, code, bytes) => {
    await using server = await openGateway();
    using bystander = await openSocket(server.wsUrl);

    const answer = await rawExchange(server.port, upgradeHead("/trpc"), { thenWrite: bytes });
    bystander.send({ id: 1, method: "query", params: { path: "ping" } });

    expect(answer.status).toBe(101);
    expect(Buffer.from(answer.text.slice(-2), "latin1").readUInt16BE()).toBe(code);
    expect((await bystander.next(answerTo(1))).result?.data?.json).toBe("pong");
  });

  test("an upgrade on another path is answered with 404, whatever follows it", async () => {
    await using server = await openGateway();

    const answer = await rawExchange(
      server.port,
      Buffer.concat([Buffer.from(upgradeHead("/other")), Buffer.from([0xf1, 0x80, 0, 0, 0, 0])]),
    );

    expect(answer.status).toBe(404);
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  });
});

describe("malformed messages are answered, and the socket stays open", () => {
  const isError = (message: Message): Message["error"] => message.error;
  const table: [string, unknown][] = [
    ["not JSON", "{"],
    ["null", "null"],
    ["a number", "5"],
    ["an empty object", "{}"],
    ["id null", { id: null, method: "query", params: { path: "ping" } }],
    ["id an object", { id: {}, method: "query", params: { path: "ping" } }],
    ["an unknown method", { id: 9, method: "constructor", params: { path: "ping" } }],
    ["a path that objects inherit", { id: 9, method: "query", params: { path: "constructor" } }],
    ["a path that is __proto__", { id: 9, method: "query", params: { path: "__proto__" } }],
    ["100,000 brackets", "[".repeat(100_000)],
    ["100,000 brackets, closed", `${"[".repeat(60_000)}${"]".repeat(60_000)}`],
    ["20,000 requests", JSON.stringify(Array.from({ length: 20_000 }, () => 1))],
    ["lastEventId an object", { id: 9, method: "subscription", params: { path: "follow", lastEventId: {} } }],
    ["lastEventId empty", { id: 9, method: "subscription", params: { path: "follow", lastEventId: "" } }],
    ["lastEventId negative", { id: 9, method: "subscription", params: { path: "follow", lastEventId: "-1" } }],
    ["lastEventId huge", { id: 9, method: "subscription", params: { path: "follow", lastEventId: "9".repeat(400) } }],
    ["lastEventId __proto__", { id: 9, method: "subscription", params: { path: "follow", lastEventId: "__proto__" } }],
    ["lastEventId a power", { id: 9, method: "subscription", params: { path: "follow", lastEventId: "1e9" } }],
    [
      "lastEventId of 100 KB",
      { id: 9, method: "subscription", params: { path: "follow", lastEventId: "x".repeat(1e5) } },
    ],
  ];
  test.each(table)("%s", async (_name, message) => {
    await using server = await openGateway();
    using socket = await openSocket(server.wsUrl);

    socket.send(message);
    const error = await socket.next(isError);
    socket.send({ id: 1, method: "query", params: { path: "ping" } });

    expect(["BAD_REQUEST", "PARSE_ERROR", "NOT_FOUND"]).toContain(error?.json.data.code);
    expect(JSON.stringify(error)).not.toMatch(/\bat .*\.[jt]s/);
    expect((await socket.next(answerTo(1))).result?.data?.json).toBe("pong");
  });

  test("a binary frame is not accepted as a message", async () => {
    await using server = await openGateway();
    using socket = await openSocket(server.wsUrl);

    socket.ws.send(Buffer.from('{"id":1,"method":"query","params":{"path":"ping"}}'), { binary: true });

    expect((await socket.next(isError))?.json.data.code).toBe("PARSE_ERROR");
  });

  test("each call of a frame with more than 250 is refused, and none is executed", async () => {
    await using server = await openGateway();
    using socket = await openSocket(server.wsUrl);
    const calls = (n: number): object[] =>
      Array.from({ length: n }, (_, id) => ({ id, method: "query", params: { path: "ping" } }));

    socket.send(JSON.stringify(calls(250)));
    for (let id = 0; id < 250; id++) expect((await socket.next(answerTo(id))).result?.data?.json).toBe("pong");
    socket.send(JSON.stringify([...calls(250), { id: 250, method: "subscription.stop" }]));

    for (let id = 0; id < 250; id++) {
      expect((await socket.next(answerTo(id))).error?.json).toMatchObject({
        message: "A frame holds at most 250 calls",
        data: { code: "BAD_REQUEST", httpStatus: 400 },
      });
    }
  });

  test.each([[2 ** 53], ["1"], [""], [-1]])("an id of %j is returned unchanged", async (id) => {
    await using server = await openGateway();
    using socket = await openSocket(server.wsUrl);

    socket.send({ id, method: "query", params: { path: "ping" } });

    expect((await socket.next(answerTo(id))).result?.data?.json).toBe("pong");
  });

  test("a second subscription with an active id is refused, and the first continues", async () => {
    await using server = await openGateway();
    using socket = await openSocket(server.wsUrl);
    const follow = { id: 1, method: "subscription", params: { path: "follow", input: { json: {} } } };

    socket.send(follow);
    socket.send({ ...follow, id: "1" });
    socket.send(follow);
    const refused = await socket.next((message) => message.id === 1 && message.error);
    server.feed.publish();

    expect(refused.json.data.code).toBe("BAD_REQUEST");
    await socket.next((message) => message.id === 1 && message.result?.id === "1");
    await socket.next((message) => message.id === "1" && message.result?.id === "1");
    socket.send({ id: 77, method: "subscription.stop" });
    expect(server.feed.watchers).toBe(2);
  });
});

describe("a socket that announces connectionParams", () => {
  test("and then sends nothing is closed in time", async () => {
    await using server = await openGateway({ limits: { handshakeMs: 50 } });
    using socket = await openSocket(`${server.wsUrl}?connectionParams=1`);

    socket.send("PING");

    expect(await socket.closed()).toBe(4408);
  });

  test.each([
    ["data that is a number", '{"method":"connectionParams","data":1}'],
    ["nested objects", '{"method":"connectionParams","data":{"a":{"b":1}}}'],
    ["no data", '{"method":"connectionParams"}'],
    ["another method", '{"method":"query","data":null}'],
    ["invalid JSON", "x"],
    ["an array", "[]"],
    ["null", "null"],
  ])("and sends %s gets an error and is closed", async (_name, text) => {
    await using server = await openGateway();
    using socket = await openSocket(`${server.wsUrl}?connectionParams=1`);

    socket.send(text);

    expect(await socket.closed()).toBe(4400);
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  });

  test("and sends 2 MB is closed", async () => {
    await using server = await openGateway();
    using socket = await openSocket(`${server.wsUrl}?connectionParams=1`);

    socket.send({ method: "connectionParams", data: { a: "x".repeat(2 * 1024 * 1024) } });

    expect(await socket.closed()).toBe(1009);
  });

  test("and sends null has no connectionParams", async () => {
    await using server = await openGateway({ limits: { handshakeMs: 50 } });
    using socket = await openSocket(`${server.wsUrl}?connectionParams=1`);

    socket.send('{"method":"connectionParams","data":null}');
    socket.send({ id: 1, method: "query", params: { path: "whoami" } });

    expect((await socket.next(answerTo(1))).error?.json.data.code).toBe("UNAUTHORIZED");
  });
});

describe("an invalid request is the caller's mistake, and no error is logged", () => {
  const table: [string, number, string][] = [
    ["TRACE", 405, "TRACE /trpc/ping HTTP/1.1\r\nHost: localhost\r\n\r\n"],
    ["PUT", 405, "PUT /trpc/change HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"],
    ["a Host with a user", 400, "GET /trpc/ping HTTP/1.1\r\nHost: user:pass@localhost\r\n\r\n"],
    ["an address with a user", 400, "GET http://user@localhost/trpc/ping HTTP/1.1\r\nHost: localhost\r\n\r\n"],
    ["an invalid Host", 400, "GET /trpc/ping HTTP/1.1\r\nHost: [::1\r\n\r\n"],
    ["bytes that are not text", 200, "GET /trpc/ping HTTP/1.1\r\nHost: localhost\r\nAccept: \u00ff\u00fe\r\n\r\n"],
  ];
  test.each(table)("%s", async (_name, status, bytes) => {
    const { logger, lines } = memoryLogger();
    await using server = await openGateway({ logger });

    const answer = await rawExchange(server.port, Buffer.from(bytes, "latin1"), { until: "\r\n\r\n" });

    expect(answer.status).toBe(status);
    expect(lines.filter(({ level }) => level === "error")).toEqual([]);
  });
});
