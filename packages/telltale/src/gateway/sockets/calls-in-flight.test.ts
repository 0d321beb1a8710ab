import { expect, test } from "vitest";
import { CallsInFlight } from "./calls-in-flight.js";
import type { Id, Message } from "./message.js";

const call = (id: Id | null, method: Message["method"] = "query"): Message => ({ id, method, raw: {} });
const subscribe = (id: Id): Message => call(id, "subscription");

test("a call is in flight until its reply, whether it succeeds or fails", () => {
  const calls = new CallsInFlight(2);

  expect([calls.begin(call(1)), calls.begin(call(2, "mutation"))]).toEqual([null, null]);
  expect(calls.unanswered).toBe(2);
  calls.replied({ id: 1, type: "data" });
  calls.replied({ id: 2, type: "error" });
  calls.replied({ id: 2, type: "error" });

  expect(calls.unanswered).toBe(0);
  expect(calls.begin(call(1))).toBeNull();
});

test("a second call with an id in use is refused, and one with the same digits as text is another call", () => {
  const calls = new CallsInFlight(2);
  calls.begin(call(1));

  expect(calls.begin(call(1))).toBe("duplicate");
  expect(calls.begin(subscribe(1))).toBe("duplicate");
  expect(calls.begin(call("1"))).toBeNull();
  expect(calls.unanswered).toBe(2);
});

test("a subscription counts as a call until it has started, and keeps its id until it has ended", () => {
  const calls = new CallsInFlight(2);
  calls.begin(subscribe(1));
  expect(calls.unanswered).toBe(1);

  calls.replied({ id: 1, type: "started" });
  calls.replied({ id: 1, type: "data" });
  expect(calls.unanswered).toBe(0);
  expect(calls.begin(call(1))).toBe("duplicate");
  calls.replied({ id: 1, type: "stopped" });

  expect(calls.begin(call(1))).toBeNull();
});

test("as many subscriptions as the limit says are accepted, and another one after one has ended", () => {
  const calls = new CallsInFlight(2);

  expect([calls.begin(subscribe(1)), calls.begin(subscribe(2))]).toEqual([null, null]);
  expect(calls.begin(subscribe(3))).toBe("too_many");
  expect(calls.unanswered).toBe(2);
  expect(calls.begin(call(3))).toBeNull();
  calls.replied({ id: 1, type: "error" });

  expect(calls.begin(subscribe(4))).toBeNull();
  expect(calls.begin(subscribe(5))).toBe("too_many");
});

test("the end of a subscription, and a message without an id, are no calls", () => {
  const calls = new CallsInFlight(2);
  calls.begin(subscribe(1));

  expect(calls.begin(call(1, "subscription.stop"))).toBeNull();
  expect(calls.begin(call(2, "subscription.stop"))).toBeNull();
  expect(calls.begin(call(null))).toBeNull();
  expect(calls.begin(call(null))).toBeNull();

  expect(calls.unanswered).toBe(1);
});
