import { setTimeout } from "node:timers/promises";
import { handle } from "telltale";
import { submission } from "./contracts.js";

/** Simulates running a program against tests. The first attempt fails, because the sandbox is not up yet. */
export const judge = handle(submission, async ({ input, attempt, progress, signal }) => {
  if (attempt === 1) throw new Error("the sandbox is not up yet");
  for (let passed = 1; passed <= input.tests; passed++) {
    await setTimeout(150, undefined, { signal });
    progress({ passed, total: input.tests });
  }
  return { verdict: "accepted" };
});
