import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Callers } from "./callers.js";

const DAY_MS = 24 * 60 * 60 * 1_000;

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 1) });
});
afterEach(() => {
  vi.useRealTimers();
});

function world() {
  const callers = new Callers();
  const ended: string[] = [];
  const connection = (name: string) => ({ end: () => void ended.push(name) });
  return { callers, ended, connection };
}

const inMs = (ms: number): Date => new Date(Date.now() + ms);

test("a connection is ended when its caller's credentials expire, and not before", () => {
  const { callers, ended, connection } = world();
  callers.identify(connection("a"), { id: "ada", expiresAt: inMs(1_000) });

  vi.advanceTimersByTime(999);
  expect(ended).toEqual([]);
  vi.advanceTimersByTime(1);

  expect(ended).toEqual(["a"]);
  expect(callers.size).toBe(0);
});

test("credentials that are valid for longer than a timer can wait end the connection when they expire", () => {
  const { callers, ended, connection } = world();
  callers.identify(connection("a"), { id: "ada", expiresAt: inMs(60 * DAY_MS) });

  vi.advanceTimersByTime(60 * DAY_MS - 1);
  expect(ended).toEqual([]);
  vi.advanceTimersByTime(1);

  expect(ended).toEqual(["a"]);
});

test("credentials that have expired already end the connection at once", () => {
  const { callers, ended, connection } = world();

  callers.identify(connection("a"), { id: "ada", expiresAt: inMs(-DAY_MS) });
  vi.advanceTimersByTime(0);

  expect(ended).toEqual(["a"]);
});

test("credentials without an expiry never end a connection", () => {
  const { callers, ended, connection } = world();
  callers.identify(connection("a"), { id: "ada" });

  vi.advanceTimersByTime(1_000 * DAY_MS);

  expect(ended).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});

test("calls of one caller without an expiry do not change whose connection it is", () => {
  const { callers, connection } = world();
  const a = connection("a");

  for (const expiresAt of [undefined, undefined, inMs(1_000), undefined, undefined]) {
    callers.identify(a, { id: "ada", ...(expiresAt && { expiresAt }) });
  }

  expect(callers.size).toBe(1);
  expect(vi.getTimerCount()).toBe(0);
});

test("a connection whose credentials are renewed lives until the new ones expire", () => {
  const { callers, ended, connection } = world();
  const a = connection("a");
  callers.identify(a, { id: "ada", expiresAt: inMs(1_000) });
  callers.identify(a, { id: "ada", expiresAt: inMs(5_000) });
  callers.identify(a, { id: "ada", expiresAt: inMs(5_000) });
  expect(vi.getTimerCount()).toBe(1);

  vi.advanceTimersByTime(4_999);
  expect(ended).toEqual([]);
  vi.advanceTimersByTime(1);

  expect(ended).toEqual(["a"]);
});

test("a connection that has closed is forgotten, with its timer", () => {
  const { callers, ended, connection } = world();
  const a = connection("a");
  callers.identify(a, { id: "ada", expiresAt: inMs(1_000) });

  callers.forget(a);
  callers.forget(a);

  expect(vi.getTimerCount()).toBe(0);
  expect(callers.size).toBe(0);
  expect(callers.disconnect("ada")).toBe(0);
  expect(ended).toEqual([]);
});

test("disconnect ends all connections of one subject, each once, and says how many", () => {
  const { callers, ended, connection } = world();
  for (const name of ["a1", "a2"]) callers.identify(connection(name), { id: "ada", expiresAt: inMs(1_000) });
  callers.identify(connection("b1"), { id: "bob" });

  expect(callers.disconnect("ada")).toBe(2);
  expect(callers.disconnect("ada")).toBe(0);
  expect(callers.disconnect("nobody")).toBe(0);
  vi.advanceTimersByTime(DAY_MS);

  expect(ended).toEqual(["a1", "a2"]);
  expect(callers.size).toBe(1);
});

test("when one of two connections of a subject ends, disconnect still ends the other", () => {
  const { callers, ended, connection } = world();
  const first = connection("a1");
  callers.identify(first, { id: "ada" });
  callers.identify(connection("a2"), { id: "ada" });

  callers.forget(first);

  expect(callers.disconnect("ada")).toBe(1);
  expect(ended).toEqual(["a2"]);
});

test("a connection on which another user logs in belongs to that user", () => {
  const { callers, ended, connection } = world();
  const shared = connection("shared");
  callers.identify(shared, { id: "ada" });
  callers.identify(shared, { id: "bob" });

  expect(callers.disconnect("ada")).toBe(0);
  expect(callers.disconnect("bob")).toBe(1);

  expect(ended).toEqual(["shared"]);
});
