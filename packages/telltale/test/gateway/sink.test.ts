import { describe, expect, test } from "vitest";
import { type Sink, sinkOf, withResponseSink, withSink } from "../../src/trpc/sink.js";

const SINK: Sink = {
  transport: "ws",
  address: "127.0.0.1",
  identify: () => {},
  writable: () => true,
  drained: async () => {},
  admit: () => () => {},
};

test("the sink is kept when a middleware spreads the context", () => {
  const ctx = withSink({ user: "ada" }, SINK);

  expect(sinkOf({ ...ctx, more: 1 })).toBe(SINK);
});

test("a plain context is copied, so one object for all sockets works", () => {
  const shared = Object.freeze({ user: "ada" });

  expect(withSink(shared, SINK)).toMatchObject({ user: "ada" });
  expect(sinkOf(shared)).toBeNull();
});

test("an instance keeps its private fields", () => {
  class Session {
    readonly #user = "ada";
    user(): string {
      return this.#user;
    }
  }
  const session = new Session();

  expect(withSink(session, SINK)).toBe(session);
  expect(session.user()).toBe("ada");
  expect(sinkOf(session)).toBe(SINK);
});

test("an instance that is frozen or belongs to another socket is refused", () => {
  class Session {}
  const used = new Session();
  withSink(used, SINK);

  expect(() => withSink(used, SINK)).toThrow(/new object for every connection/);
  expect(() => withSink(Object.freeze(new Session()), SINK)).toThrow(/new object for every connection/);
});

test.each([[undefined], [null], [{}], ["text"], [{ [Symbol.for("telltale.sink")]: "no sink" }]])(
  "a context like %j has no sink",
  (ctx) => {
    expect(sinkOf(ctx)).toBeNull();
  },
);

test("an undefined context becomes an object, and a primitive is refused", () => {
  expect(sinkOf(withSink(undefined, SINK))).toBe(SINK);
  expect(() => withSink("text", SINK)).toThrow(/must return an object/);
});

describe("over HTTP", () => {
  test("the context stays the same object, and its getters are not read", () => {
    const ctx = {
      get user(): string {
        throw new Error("not logged in");
      },
    };

    expect(withResponseSink(ctx, SINK)).toBe(ctx);
    expect(sinkOf(ctx)).toBe(SINK);
  });

  test("an object that several requests share does not get the sink of another request", () => {
    const shared = { user: "ada" };
    const other: Sink = { ...SINK };

    expect(sinkOf(withResponseSink(shared, SINK))).toBe(SINK);
    expect(withResponseSink(shared, other)).toMatchObject({ user: "ada" });
    expect(sinkOf(withResponseSink(shared, other))).toBe(other);
    expect(sinkOf(withResponseSink(Object.freeze({}), SINK))).toBe(SINK);
  });

  test("an instance that is frozen or shared gets no sink", () => {
    class Session {}
    const shared = new Session();
    const frozen = Object.freeze(new Session());
    withResponseSink(shared, SINK);

    expect(sinkOf(withResponseSink(shared, SINK))).toBeNull();
    expect(withResponseSink(frozen, SINK)).toBe(frozen);
  });

  test("a primitive is kept, and an undefined context becomes an object", () => {
    expect(withResponseSink("text", SINK)).toBe("text");
    expect(sinkOf(withResponseSink(undefined, SINK))).toBe(SINK);
  });
});
