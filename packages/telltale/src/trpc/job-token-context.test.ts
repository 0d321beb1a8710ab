import { expect, test } from "vitest";
import { jobTokenOf, withJobToken } from "./job-token-context.js";

test("the token of a request's header reaches procedures through any kind of context", () => {
  class Context {
    readonly user = "ada";
  }
  const contexts = [undefined, null, {}, { user: "ada" }, Object.create(null), new Context()];

  expect(contexts.map((ctx) => jobTokenOf(withJobToken(ctx, "t")))).toEqual(contexts.map(() => "t"));
});

test("a middleware that copies the context keeps the token", () => {
  const ctx = Object(withJobToken({ user: "ada" }, "t"));

  expect(jobTokenOf({ ...ctx })).toBe("t");
  expect(ctx.user).toBe("ada");
});

test("a plain context is copied, because it may be shared by many requests", () => {
  for (const shared of [{ user: "ada" }, Object.create(null)]) {
    withJobToken(shared, "t");
    expect(jobTokenOf(shared)).toBeUndefined();
  }
});

test("an instance of a class keeps its class, and a frozen one stays as it is", () => {
  class Context {
    readonly user = "ada";
  }
  const own = new Context();
  const frozen = Object.freeze(new Context());

  expect(withJobToken(own, "t")).toBe(own);
  expect(withJobToken(frozen, "t")).toBe(frozen);
  expect(jobTokenOf(frozen)).toBeUndefined();
});

test("a context without a token, or that is no object, has none", () => {
  expect([undefined, null, "text", 5, {}].map(jobTokenOf)).toEqual(Array.from({ length: 5 }, () => undefined));
  expect(withJobToken("text", "t")).toBe("text");
  const callable = (): void => {};
  expect(withJobToken(callable, "t")).toBe(callable);
  expect(Object.getOwnPropertySymbols(callable)).toEqual([]);
  expect(jobTokenOf({ [Symbol.for("telltale.jobToken")]: 5 })).toBeUndefined();
});

test("a gateway and a jobs router of two copies of the package understand each other", () => {
  expect(withJobToken(null, "t")).toEqual({ [Symbol.for("telltale.jobToken")]: "t" });
});
