import { expect, test } from "vitest";
import { waitFor } from "./wait-for.js";

test("waitFor resolves with the value of the condition", async () => {
  let asked = 0;

  const value = await waitFor(() => (++asked < 3 ? undefined : `asked ${asked} times`), { everyMs: 1 });

  expect(value).toBe("asked 3 times");
});

test("a timeout names what was waited for and its last value", async () => {
  const wait = waitFor(() => Promise.resolve(0), { timeoutMs: 20, everyMs: 1, what: "the queue to fill" });

  await expect(wait).rejects.toThrow("Waited 20 ms for the queue to fill; its last value was: 0");
});

test("a condition that never settles does not hang the test", async () => {
  await expect(waitFor(() => new Promise(() => {}), { timeoutMs: 20 })).rejects.toThrow(/it had not settled/);
});

test("an error in the condition ends the wait at once", async () => {
  await expect(waitFor(() => Promise.reject(new Error("no such key")))).rejects.toThrow("no such key");
});
