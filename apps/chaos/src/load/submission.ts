import type { Priority } from "telltale";
import type { Random } from "../random.js";
import type { WorkInput } from "../work.js";

/** One job to submit, drawn from the seed. */
export interface Submission {
  readonly n: number;
  readonly kind: "work" | "turn";
  readonly key: string;
  readonly owner: "alice" | "bob";
  readonly delayMs: number;
  readonly priority: Priority;
  readonly input: WorkInput;
  /** Sent once, without the SDK's own retries. */
  readonly isBare: boolean;
}

/** Draws the n-th job. Most are short and succeed; some are delayed, are retried, or fail permanently. */
export function drawSubmission(n: number, random: Random): Submission {
  const isLong = random.chance(0.15);
  return {
    n,
    kind: random.chance(0.4) ? "turn" : "work",
    key: `k${n}`,
    owner: random.pick(["alice", "bob"]),
    delayMs: random.chance(0.15) ? random.between(50, 600) : 0,
    priority: random.pick(["normal", "normal", "normal", "urgent", "high", "low"]),
    isBare: random.chance(0.3),
    input: {
      n,
      ms: isLong ? random.between(300, 1_000) : random.between(5, 300),
      failures: random.chance(0.15) ? random.between(1, 2) : 0,
      isBroken: random.chance(0.05),
      blockMs: 0,
      hasChild: random.chance(0.1),
    },
  };
}
