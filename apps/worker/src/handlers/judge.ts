import { judge as contract } from "@telltale/contracts";
import { type Handler, handle } from "telltale";
import type { Judge } from "../judge/index.js";
import { problems } from "../problems/index.js";

/** 2,000 characters of any kind are at most 12 KB as JSON, and a chunk may have 16 KB. */
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
  // Split by code points, because the halves of a surrogate pair would print as two wrong characters.
  return text.match(new RegExp(`[^]{1,${PIECE_LENGTH / 2}}`, "gu")) ?? [];
}
