import { TelltaleError } from "telltale";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { WireProcedures } from "../procedures.js";
import { Closing } from "../transport/closing.js";
import { submit } from "./submit.js";

const lost = new TypeError("fetch failed");

function answering(...answers: readonly unknown[]) {
  const keys: unknown[] = [];
  const procedures = {
    submit: {
      mutate: async (request: { options: { idempotencyKey?: string | undefined } }) => {
        const answer = answers[Math.min(keys.length, answers.length - 1)];
        keys.push(request.options.idempotencyKey);
        if (answer instanceof Error) throw answer;
        return answer;
      },
    },
  };
  const submission = { kind: "judge", input: {}, options: {}, closing: new Closing() };
  // Only `submit` is called.
  return {
    keys,
    outcome: submit(procedures as unknown as WireProcedures, submission).catch((error: unknown) => error),
  };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("a submit whose replies are all lost rejects with outcome_unknown and the key to repeat it with", async () => {
  const { keys, outcome } = answering(lost);

  await vi.runAllTimersAsync();

  expect(keys).toHaveLength(5);
  expect(new Set(keys).size).toBe(1);
  expect(await outcome).toMatchObject({ code: "outcome_unknown", data: { idempotencyKey: keys[0] } });
});

test("a submit that is refused by every try rejects with the server's error", async () => {
  const { keys, outcome } = answering(new TelltaleError("redis_full"));

  await vi.runAllTimersAsync();

  expect(keys).toHaveLength(5);
  expect(await outcome).toMatchObject({ code: "redis_full" });
});

test("after one lost reply the outcome is unknown, even if later tries are refused", async () => {
  const refusedLater = answering(lost, new TelltaleError("redis_unavailable"));
  const lockedOutLater = answering(lost, new TelltaleError("unauthorized"));

  await vi.runAllTimersAsync();

  expect(await refusedLater.outcome).toMatchObject({ code: "outcome_unknown" });
  expect(await lockedOutLater.outcome).toMatchObject({ code: "outcome_unknown" });
  expect(lockedOutLater.keys).toHaveLength(2);
});

test("an error that every try would get is final, even after a lost reply", async () => {
  const { outcome } = answering(lost, new TelltaleError("unique_conflict"));

  await vi.runAllTimersAsync();

  expect(await outcome).toMatchObject({ code: "unique_conflict" });
});

test("a submit to a server that never replies rejects after at most twenty seconds", async () => {
  const silent = { submit: { mutate: () => new Promise(() => {}) } };
  const submission = { kind: "judge", input: {}, options: {}, closing: new Closing() };
  const start = performance.now();
  // Only `submit` is called.
  const outcome = submit(silent as unknown as WireProcedures, submission).catch((error: unknown) => error);

  await vi.runAllTimersAsync();

  expect(await outcome).toMatchObject({ code: "outcome_unknown" });
  expect(performance.now() - start).toBeLessThanOrEqual(20_000);
});
