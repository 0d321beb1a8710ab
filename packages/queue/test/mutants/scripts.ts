import { readdirSync, readFileSync } from "node:fs";
import { cancel } from "../../src/actions/cancel.js";
import { chunk } from "../../src/actions/chunk.js";
import { claim } from "../../src/actions/claim.js";
import { complete } from "../../src/actions/complete.js";
import { extend } from "../../src/actions/extend.js";
import { fail } from "../../src/actions/fail.js";
import { open } from "../../src/actions/open.js";
import { progress } from "../../src/actions/progress.js";
import { promote } from "../../src/actions/promote.js";
import { prune } from "../../src/actions/prune.js";
import { read } from "../../src/actions/read.js";
import { reclaim } from "../../src/actions/reclaim.js";
import { release } from "../../src/actions/release.js";
import { rerun } from "../../src/actions/rerun.js";
import { submit } from "../../src/actions/submit.js";
import type { Mutant } from "./mutant.js";

/** What to run by the digest of the script that was asked for. */
export type Scripts = ReadonlyMap<string, string>;

const LUA = new URL("../../lua/", import.meta.url);
const ACTIONS = [
  cancel,
  chunk,
  claim,
  complete,
  extend,
  fail,
  open,
  progress,
  promote,
  prune,
  read,
  reclaim,
  release,
  rerun,
  submit,
] as const;

/** The files faults are planted in: every action's, and every shared one as `lib/<name>`. */
export const FILES: readonly string[] = [
  ...readdirSync(LUA).filter((name) => name.endsWith(".lua")),
  ...readdirSync(new URL("lib/", LUA)).map((name) => `lib/${name}`),
].map((name) => name.slice(0, -".lua".length));

/** The scripts as they are. */
export const sound: Scripts = new Map(ACTIONS.map(({ sha, source }) => [sha, source]));

/** How often a fault's text stands in its file. Anything but once is a list that no longer fits the scripts. */
export function occurrences({ file, find }: Mutant): number {
  return textOf(file).split(find).length - 1;
}

/** The scripts with one fault in them. */
export function planted(mutant: Mutant): Scripts {
  const { file } = mutant;
  const [before, after] = [textOf(file), textOf(file).replace(mutant.find, () => mutant.replace)];
  return new Map(
    ACTIONS.map(({ name, sha, source }) => {
      if (name === file) return [sha, reassembled(source, before, after)];
      return [sha, file.startsWith("lib/") ? source.replace(before, () => after) : source];
    }),
  );
}

// The library stands behind a script's first line.
function reassembled(source: string, before: string, after: string): string {
  const library = source.slice(before.indexOf("\n") + 1, source.length - before.length + before.indexOf("\n") + 1);
  const end = after.indexOf("\n") + 1;
  return after.slice(0, end) + library + after.slice(end);
}

function textOf(file: string): string {
  return readFileSync(new URL(`${file}.lua`, LUA), "utf8");
}
