import { expect, onTestFinished, test } from "vitest";
import { onAbort } from "./on-abort.js";

test("a hundred callbacks of one signal are called once each, without a warning about a leak", async () => {
  const warnings: Error[] = [];
  const onWarning = (warning: Error): void => void warnings.push(warning);
  process.on("warning", onWarning);
  onTestFinished(() => void process.off("warning", onWarning));
  const controller = new AbortController();
  let calls = 0;
  const forgets = Array.from({ length: 100 }, () =>
    onAbort(controller.signal, () => {
      calls += 1;
    }),
  );

  for (const forget of forgets.slice(0, 40)) forget();
  controller.abort();
  controller.abort();
  // Warnings are emitted on a later tick.
  await new Promise((resolve) => setImmediate(resolve));

  expect(calls).toBe(60);
  expect(warnings).toEqual([]);
});

test("a callback is not called for a signal that has already aborted, or for undefined", () => {
  let calls = 0;
  const call = (): void => {
    calls += 1;
  };

  onAbort(AbortSignal.abort(), call)();
  onAbort(undefined, call)();

  expect(calls).toBe(0);
});
