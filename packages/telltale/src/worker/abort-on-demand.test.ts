import { expect, test } from "vitest";
import { AbortOnDemand } from "./abort-on-demand.js";

test("a signal that is asked for late is aborted with the first reason", () => {
  const abort = new AbortOnDemand();
  expect(abort.aborted).toBe(false);

  abort.abort("first");
  abort.abort("second");

  expect(abort.aborted).toBe(true);
  expect(abort.signal).toMatchObject({ aborted: true, reason: "first" });
});

test("a signal that was asked for early aborts, and is the same each time", () => {
  const abort = new AbortOnDemand();
  const { signal } = abort;
  expect(signal.aborted).toBe(false);

  abort.abort("why");

  expect(abort.signal).toBe(signal);
  expect(signal).toMatchObject({ aborted: true, reason: "why" });
});
