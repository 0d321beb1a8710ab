import colors from "picocolors";

/** What the start-up text depends on. */
export interface StartTextOptions {
  readonly url: string;
  readonly hasOperator: boolean;
  readonly allowsAnonymous: boolean;
}

const INPUT = {
  problem: "sum",
  language: "javascript",
  source: "const solve = ({ numbers }) => numbers.reduce((a, b) => a + b, 0)",
};
const DEFAULT_URL = "http://127.0.0.1:3000";

/** Returns the start-up text: the address of the stack, and commands to try. */
export function startText({ url, hasOperator, allowsAnonymous }: StartTextOptions): string {
  const cli = `npm run telltale --${url === DEFAULT_URL ? "" : ` --url ${url}`}`;
  const lines = [`${colors.bold(`Telltale is up at ${url}`)}   (Ctrl-C stops it)`];
  if (hasOperator) {
    lines.push("", "In another terminal, as an operator of this stack:", `  ${cli} queues`);
    lines.push(`  ${cli} submit judge --wait --input '${JSON.stringify(INPUT)}'`);
  }
  if (allowsAnonymous) {
    lines.push("", hasOperator ? "Or as an anonymous user:" : "In another terminal:");
    lines.push(`  curl ${url}/trpc/submit -H 'content-type: application/json' \\`);
    lines.push(`    -d '${JSON.stringify({ json: { kind: "judge", input: INPUT } })}'`);
  }
  if (!hasOperator && !allowsAnonymous) {
    lines.push("", "In another terminal, with the same AUTH_SECRET:");
    lines.push("  export TELLTALE_TOKEN=$(npm run --silent telltale -- token --operator)", `  ${cli} queues`);
  }
  return lines.join("\n");
}
