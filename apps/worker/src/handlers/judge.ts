import { judge as contract } from "@telltale/contracts";
import { type Handler, handle } from "telltale";
import type { Judge } from "../judge/index.js";
import { problems } from "../problems/index.js";

/** 2,000 characters of any kind are at most 12 KB as JSON, and a chunk may have 16 KB. */
const PIECE_LENGTH = 2_000;

/** Judges a submission, reporting each test that passed and streaming what the submission prints. */
export function createJudgeHandler(judge: Judge): Handler<"judge"> {
  return handle(contract, async ({ input, progress, chunk, log, signal, fail }) => {
    const problem = problems.get(input.problem);
    if (!problem) throw fail("unknown_problem", { problem: input.problem });
    log.info("judging", { problem: input.problem, characters: input.source.length });
    const judged = await judge.run({
      problem,
      source: input.source,
      onProgress: progress,
      onOutput: (text) => {
        for (const piece of pieces(text)) chunk({ text: piece });
      },
      signal,
    });
    log.info("judged", { verdict: judged.verdict, passed: judged.passed, total: judged.total });
    return judged;
  });
}

function pieces(text: string): string[] {
  // Split by code points, because the halves of a surrogate pair would print as two wrong characters.
  return text.match(new RegExp(`[^]{1,${PIECE_LENGTH / 2}}`, "gu")) ?? [];
}
