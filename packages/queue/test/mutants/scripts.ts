import { readdirSync, readFileSync } from "node:fs";
import { z } from "zod";
import { assemble } from "../../src/assemble.js";
import { defineScript } from "../../src/script.js";
import type { Mutant } from "./mutant.js";

/** What to run by the digest of the script that was asked for. */
export type Scripts = ReadonlyMap<string, string>;

const LUA = new URL("../../lua/", import.meta.url);
const LIB = "lib/";

const actions = namesIn(LUA).map((name) => defineScript(name, { args: () => [], reply: z.unknown() }));

/** The files faults are planted in: every action's, and every shared one as `lib/<name>`. */
export const FILES: readonly string[] = [
  ...actions.map(({ name }) => name),
  ...namesIn(new URL(LIB, LUA)).map((name) => LIB + name),
];

/** The scripts as they are. */
export const sound: Scripts = new Map(actions.map(({ sha, source }) => [sha, source]));

/** How often a fault's text stands in its file. Anything but once is a list that no longer fits the scripts. */
export function occurrences({ file, find }: Mutant): number {
  return FILES.includes(file) ? textOf(file).split(find).length - 1 : 0;
}

/** The scripts with one fault in them. */
export function planted({ file, find, replace }: Mutant): Scripts {
  const read = (wanted: string): string =>
    wanted === file ? textOf(file).replace(find, () => replace) : textOf(wanted);
  return new Map(actions.map(({ name, sha }) => [sha, assemble(name, read)]));
}

function namesIn(folder: URL): string[] {
  const files = readdirSync(folder).filter((name) => name.endsWith(".lua"));
  return files.map((name) => name.slice(0, -".lua".length)).sort();
}

function textOf(file: string): string {
  return readFileSync(new URL(`${file}.lua`, LUA), "utf8");
}
