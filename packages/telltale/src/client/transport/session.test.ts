import { afterEach, expect, test, vi } from "vitest";
import { anonymousSession } from "./session.js";

afterEach(() => {
  vi.unstubAllGlobals();
});

function browserWith(storage: () => object): void {
  vi.stubGlobal("document", {});
  vi.stubGlobal("localStorage", undefined);
  Object.defineProperty(globalThis, "localStorage", { configurable: true, get: storage });
}

test("outside browsers, every session has a new secret", () => {
  expect(anonymousSession()).toMatch(/^anon_[A-Za-z0-9_-]{43}$/);
  expect(anonymousSession()).not.toBe(anonymousSession());
});

test("a browser keeps its session across reloads", () => {
  const items = new Map<string, string>();
  browserWith(() => ({
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => items.set(key, value),
  }));

  const session = anonymousSession();

  expect(anonymousSession()).toBe(session);
  expect([...items]).toEqual([["telltale.session", session]]);
});

test("a browser that blocks storage still gets a session", () => {
  browserWith(() => {
    throw new Error("SecurityError");
  });

  expect(anonymousSession()).toMatch(/^anon_/);
});
