import { setTimeout } from "node:timers/promises";
import { handle } from "telltale";
import { summary } from "./contracts.js";

export const summarize = handle(summary, async ({ input, progress, signal }) => {
  let words = 0;
  let longest = "";
  for (const [i, note] of input.notes.entries()) {
    await setTimeout(150, undefined, { signal }); // in place of a call to a model; a cancel aborts it
    words += note.split(/\s+/).length;
    if (note.length > longest.length) longest = note;
    progress({ read: i + 1, of: input.notes.length });
  }
  return { words, longest, madeAt: new Date() };
});
