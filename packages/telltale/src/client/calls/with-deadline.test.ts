import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Closing } from "../transport/closing.js";
import { withDeadline } from "./with-deadline.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A call that never gets a reply, and the signal that it was given. */
function unanswered(deadline: Readonly<{ ms: number; closing: Closing }>) {
  let signal = new AbortController().signal;
  const call = withDeadline(deadline, (given) => {
    signal = given;
    return new Promise<never>(() => {});
  });
  call.catch(() => {});
  return { call, signal: () => signal };
}

test("at its deadline a call is aborted, so that its connection is free again, and its outcome is unknown", async () => {
  const { call, signal } = unanswered({ ms: 6_000.4, closing: new Closing() });

  await vi.advanceTimersByTimeAsync(5_999);
  expect(signal().aborted).toBe(false);
  await vi.advanceTimersByTimeAsync(2);

  expect(signal().aborted).toBe(true);
  await expect(call).rejects.toMatchObject({ code: "outcome_unknown", message: "No reply within 6000 ms" });
});

test("closing the client aborts its calls, which reject with closed", async () => {
  const closing = new Closing();
  const { call, signal } = unanswered({ ms: 6_000, closing });

  closing.close();

  expect(signal().aborted).toBe(true);
  await expect(call).rejects.toMatchObject({ code: "closed" });
});

test("a call of a closed client rejects with closed", async () => {
  const closing = new Closing();
  closing.close();
  const { call, signal } = unanswered({ ms: 6_000, closing });

  await expect(call).rejects.toMatchObject({ code: "closed" });
  expect(signal().aborted).toBe(true);
});

test("a call that is answered leaves no timer and no listener behind, and is not aborted later", async () => {
  const closing = new Closing();
  let aborted = false;

  const answer = await withDeadline({ ms: 6_000, closing }, async (signal) => {
    signal.addEventListener("abort", () => {
      aborted = true;
    });
    return "done";
  });

  expect(answer).toBe("done");
  expect(vi.getTimerCount()).toBe(0);
  closing.close();
  expect(aborted).toBe(false);
});
