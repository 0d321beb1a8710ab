import { readFileSync, writeFileSync } from "node:fs";
import type { Contender } from "../contenders/contender.js";
import type { Machine } from "../measure/machine.js";
import type { Spread } from "../measure/spread.js";

/** What a run measured. The file of the repository has the last one that was committed. */
export interface Results {
  readonly measured: {
    /** The day, in UTC. */
    readonly on: string;
    readonly rounds: number;
    readonly isQuick: boolean;
    readonly machine: Machine;
    /** The version of each product. */
    readonly versions: Readonly<Record<string, string>>;
  };
  /** By the name of the figure. */
  readonly figures: Readonly<Record<string, Readonly<Partial<Record<Contender, Spread>>>>>;
  /** By the name of the row. */
  readonly notes: Readonly<Record<string, readonly string[]>>;
  /** How many times better Telltale is than each of the others, by the name of the figure. `--check` compares these. */
  readonly ratios: Readonly<Record<string, Readonly<Partial<Record<Contender, number>>>>>;
}

const FILE = new URL("../../results.json", import.meta.url);

/** Reads the committed results. */
export function committedResults(): Results {
  return JSON.parse(readFileSync(FILE, "utf8"));
}

export function writeResults(results: Results): void {
  writeFileSync(FILE, `${JSON.stringify(results, null, 2)}\n`);
}
