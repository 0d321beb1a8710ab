import { parseArgs } from "node:util";

/** What the command line asks for. */
export interface Options {
  /** Names of benchmarks that print their own report. */
  readonly names: readonly string[];
  /** Names of rows, or null for all. */
  readonly only: readonly string[] | null;
  readonly quick: boolean;
  readonly list: boolean;
  readonly json: boolean;
  readonly check: boolean;
  readonly write: boolean;
  readonly page: boolean;
  readonly help: boolean;
}

export const HELP = `npm run bench -- [options] [name …]

Compares Telltale with other products, side by side on private servers. Without options, all rows, in up to 20 minutes; then it
writes docs/benchmarks.md, its charts and the results that --check compares with.

  --quick        fewer jobs and three rounds instead of five: under 3 minutes; writes nothing
  --only NAMES   only these rows, separated by commas; writes nothing
  --check        writes nothing, and exits with 1 if a ratio is a quarter lower than the committed one
  --json         prints the results as JSON, and everything else on stderr
  --list         lists the rows, and the benchmarks of designs and limits that run by name
  --write        writes the page also after --quick
  --page         writes the page and its charts again, from the committed results
  --help         prints this

With a name, such as \`npm run bench -- feed\`, it runs one of the benchmarks of designs and limits.`;

/** Parses the arguments. Throws an error with a message for people if they are wrong. */
export function parseOptions(given: readonly string[]): Options {
  // pnpm hands on the "--" that npm removes.
  const args = given[0] === "--" ? given.slice(1) : [...given];
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      only: { type: "string" },
      quick: { type: "boolean", default: false },
      list: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      check: { type: "boolean", default: false },
      write: { type: "boolean", default: false },
      page: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const only = values.only?.split(",").map((name) => name.trim()) ?? null;
  return { ...values, only, names: positionals };
}
