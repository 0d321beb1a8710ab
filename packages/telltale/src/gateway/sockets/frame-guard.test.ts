import type { TRPCError } from "@trpc/server";
import { expect, test } from "vitest";
import { FrameGuard } from "./frame-guard.js";
import { replyHead } from "./reply-head.js";

function guard(maxCalls = 3) {
  const refused: [id: number | string | null, code: string][] = [];
  const refuse = (id: number | string | null, { code }: TRPCError): void => void refused.push([id, code]);
  const subject = new FrameGuard({ maxCalls, expectsParams: false, refuse });
  const admits = (message: unknown): boolean => subject.admits(Buffer.from(JSON.stringify(message)), false) !== null;
  const after = (message: unknown): string[] => {
    const head = replyHead(JSON.stringify(message));
    return head ? subject.framesAfter(head).map(String) : [];
  };
  return { admits, after, refused };
}

const subscribe = (id: unknown) => ({ id, method: "subscription", params: { path: "follow" } });
const stop = (id: unknown) => ({ id, method: "subscription.stop" });
const said = (id: unknown, type: string) => ({ id, result: { type } });

test("a stop that arrived before the start is sent again after it, once", () => {
  const { admits, after } = guard();

  expect(admits([subscribe(1), subscribe("1")])).toBe(true);
  expect(admits(stop(1))).toBe(true);

  expect(after(said("1", "started"))).toEqual([]);
  expect(after(said(1, "started"))).toEqual([JSON.stringify(stop(1))]);
  expect(after(said(1, "started"))).toEqual([]);
});

test.each([
  ["was stopped", said(1, "stopped")],
  ["failed", { id: 1, error: { json: {} } }],
])("a stop is forgotten with a subscription that %s", (_how, end) => {
  const { admits, after } = guard();
  admits(subscribe(1));
  admits(stop(1));

  expect(after(end)).toEqual([]);
  admits(subscribe(1));

  expect(after(said(1, "started"))).toEqual([]);
});

test("a stop after the start is left to tRPC", () => {
  const { admits, after } = guard();
  admits(subscribe(1));
  after(said(1, "started"));

  admits(stop(1));

  expect(after(said(1, "stopped"))).toEqual([]);
});

test("a frame may hold as many calls as the limit says, and not one more", () => {
  const { admits, refused } = guard(3);

  expect(admits([subscribe(1), subscribe(2), subscribe(3)])).toBe(true);
  expect(refused).toEqual([]);
  expect(admits([subscribe(4), subscribe(5), subscribe(6), subscribe(7)])).toBe(false);

  expect(refused.map(([id]) => id)).toEqual([4, 5, 6, 7]);
});

test("each call of a frame with too many calls is answered, and an empty frame is answered as a whole", () => {
  const { admits, refused } = guard();

  expect(admits([subscribe(1), subscribe("a"), stop(2), { id: {} }])).toBe(false);
  expect(admits([1, 1, 1, 1])).toBe(false);

  expect(refused).toEqual([
    [1, "BAD_REQUEST"],
    ["a", "BAD_REQUEST"],
    [null, "BAD_REQUEST"],
  ]);
});
