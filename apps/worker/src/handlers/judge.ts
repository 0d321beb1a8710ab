import { judge as contract } from "@telltale/contracts";
import { type Handler, handle } from "telltale";
import type { Judge } from "../judge/index.js";
import { problems } from "../problems/index.js";

/** A piece of 2,000 characters is at most 12 KB as JSON, whatever they are; a chunk may have 16 KB. */
const PIECE_LENGTH = 2_000;

/** Judges a submission, reporting each test that passed and streaming what the submission prints. */
export function createJudgeHandler(judge: Judge): Handler<"judge"> {
  return handle(contract, async ({ input, progress, chunk, signal, fail }) => {
    const problem = problems.get(input.problem);
    if (!problem) throw fail("unknown_problem", { problem: input.problem });
    return judge.run({
      problem,
      source: input.source,
      onProgress: progress,
      onOutput: (text) => {
        for (const piece of pieces(text)) chunk({ text: piece });
      },
      signal,
    });
  });
}

function pieces(text: string): string[] {
  // By code points: a pair of surrogates cut in two would print as two wrong characters.
  return text.match(new RegExp(`[^]{1,${PIECE_LENGTH / 2}}`, "gu")) ?? [];
}
