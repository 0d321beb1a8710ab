/** The input of `judge`. */
interface Submission {
  readonly problem: string;
  readonly language: "javascript";
  readonly source: string;
}

/** A correct but slow solution: ten seconds in all, unless it is cancelled between two tests. */
export const SLOW: Submission = {
  problem: "sum",
  language: "javascript",
  source: `function solve({ numbers }) {
    const end = Date.now() + 1400;
    while (Date.now() < end) {}
    return numbers.reduce((a, b) => a + b, 0);
  }`,
};

/** Prints escape sequences that clear a terminal, set its title and colours, reverse text and overwrite it. */
export const HOSTILE: Submission = {
  problem: "sum",
  language: "javascript",
  source: `function solve() {
    console.log("\\u001b[2Jcleared \\u001b]0;titled\\u0007 \\u009b31mred \\u202ereversed \\rfaked");
  }`,
};

/** A submission as a value for `--input`. */
export function judging(submission: Submission): string {
  return JSON.stringify(submission);
}
