import { expect, test } from "vitest";
import { replyHead } from "./reply-head.js";

test.each([
  [
    { id: 1, result: { type: "data", data: { json: "x" } } },
    { id: 1, type: "data" },
  ],
  [
    { id: 'a"b\\', result: { type: "started" } },
    { id: 'a"b\\', type: "started" },
  ],
  [
    { id: -1.5e300, jsonrpc: "2.0", result: { type: "stopped" } },
    { id: -1.5e300, type: "stopped" },
  ],
  [
    { id: 7, error: { json: {} } },
    { id: 7, type: "error" },
  ],
  [
    { id: "\u0000".repeat(64), error: {} },
    { id: "\u0000".repeat(64), type: "error" },
  ],
])("%j is read as the head of a reply", (reply, head) => {
  expect(replyHead(JSON.stringify(reply))).toEqual(head);
});

test.each(["PONG", '{"id":null,"error":{}}', '{"id":null,"method":"reconnect"}'])(
  "%s is not a reply to a call",
  (sent) => {
    expect(replyHead(sent)).toBeNull();
  },
);
