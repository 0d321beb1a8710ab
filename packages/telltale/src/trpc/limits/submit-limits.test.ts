import { expect, test } from "vitest";
import type { Sink } from "../sink.js";
import { accountOf } from "./submit-limits.js";

// Only its address is looked at.
const from = (address: string): Sink => ({ address }) as Sink;

test("a subject's submits count for the subject, wherever they come from", () => {
  expect(accountOf({ subject: { id: "ann" }, sink: null })).toBe("ann");
  expect(accountOf({ subject: { id: "ann", isAnonymous: false }, sink: from("192.0.2.1") })).toBe("ann");
});

test("those of anonymous and transient subjects count for their address, which is not stored in readable form", () => {
  const anonymous = accountOf({ subject: { id: "one", isAnonymous: true }, sink: from("192.0.2.1") });
  const transient = accountOf({ subject: { id: "two", isTransient: true }, sink: from("192.0.2.1") });
  const other = accountOf({ subject: { id: "one", isAnonymous: true }, sink: from("192.0.2.2") });

  expect(anonymous).toMatch(/^address:[\w-]{22}$/);
  expect(transient).toBe(anonymous);
  expect(other).not.toBe(anonymous);
});

test("without the gateway, which knows the address, all anonymous subjects count as one, and no subject as none", () => {
  expect(accountOf({ subject: { id: "one", isAnonymous: true }, sink: null })).toBe("address:unknown");
  expect(accountOf({ subject: null, sink: from("192.0.2.1") })).toBe("");
});
