import { expect, test } from "vitest";
import { type Sink, sinkOf, withSink } from "../../src/trpc/sink.js";

const SINK: Sink = { writable: () => true, drained: async () => {}, admit: () => () => {} };

test("the sink survives a middleware that spreads the context", () => {
  const ctx = withSink({ user: "ada" }, SINK);

  expect(sinkOf({ ...ctx, more: 1 })).toBe(SINK);
});

test("a plain context is copied, so one object for all sockets is fine", () => {
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

test("no context at all is made one, and a primitive is refused", () => {
  expect(sinkOf(withSink(undefined, SINK))).toBe(SINK);
  expect(() => withSink("text", SINK)).toThrow(/must return an object/);
});
