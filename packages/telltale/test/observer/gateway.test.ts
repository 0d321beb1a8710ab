import { eventually } from "@telltale/testkit";
import { expect, test } from "vitest";
import { openGateway } from "../gateway/open-gateway.js";
import { openSocket } from "../gateway/open-socket.js";
import { rawExchange, upgradeHead } from "../gateway/raw-exchange.js";
import { recorder } from "./recorder.js";

const ms = expect.any(Number);

test("sockets are observed when they open and close, with their number", async () => {
  const told = recorder();
  await using server = await openGateway({ observer: told.observer });
  const first = await openSocket(server.wsUrl);
  using _second = await openSocket(server.wsUrl);

  first.ws.close(1000);

  expect(await told.first("socket.closed")).toEqual({
    type: "socket.closed",
    socket: 1,
    closeCode: 1000,
    durationMs: ms,
  });
  expect(told.of("socket.opened")).toEqual([
    { type: "socket.opened", socket: 1 },
    { type: "socket.opened", socket: 2 },
  ]);
});

test("the socket of a slow reader is observed as cut, and then as closed", async () => {
  const told = recorder();
  await using server = await openGateway({ observer: told.observer, limits: { stalledMs: 300, cutMs: 50 } });
  using slow = await openSocket(server.wsUrl);
  slow.send({ id: 1, method: "subscription", params: { path: "flood" } });
  await slow.next((message) => message.result?.id === "1");
  slow.ws.pause();

  await eventually(() => expect(told.of("socket.closed")).toHaveLength(1), 10_000);

  expect(told.of("socket.cut")).toEqual([{ type: "socket.cut", socket: 1, bufferedBytes: ms }]);
  expect(told.of("socket.cut")[0]?.bufferedBytes).toBeGreaterThanOrEqual(64 * 1024);
});

test("refusals of the gateway are observed with their status", async () => {
  const told = recorder();
  await using server = await openGateway({ observer: told.observer, limits: { bodyBytes: 10 } });
  const headers = { origin: "https://evil.example" };

  await fetch(`${server.url}/trpc/ping`, { headers });
  await fetch(`${server.url}/trpc/change`, { method: "POST", body: "x".repeat(11) });
  await rawExchange(server.port, upgradeHead("/trpc", ["Origin: https://evil.example"]), { until: "\r\n\r\n" });
  await fetch(`${server.url}/trpc/ping`);

  const refused = { type: "call.refused", by: "gateway", path: null, subject: null, code: null };
  expect(told.of("call.refused")).toEqual([
    { ...refused, transport: "http", status: 403 },
    { ...refused, transport: "http", status: 413 },
    { ...refused, transport: "ws", status: 403 },
  ]);
});
