import { z } from "zod";
import { readLuaFiles } from "../../../build/lua-files.mjs";
import { splitLua } from "../../../build/split-lua.mjs";
import { composeLua } from "../../../src/queue/scripts/compose-lua.js";
import { SCRIPTS } from "../../../src/queue/scripts/lua.generated.js";
import { defineScript, type ScriptName } from "../../../src/queue/scripts/script.js";
import type { Mutant } from "./mutant.js";

/** The text to run instead of a script, by the script's digest. */
export type ScriptTexts = ReadonlyMap<string, string>;

const files = readLuaFiles();
const actions = [...files.keys()]
  .filter(isScript)
  .map((name) => defineScript(name, { args: () => [], reply: z.unknown() }));

/** The files in which faults are planted: every script, and every shared file as `lib/<name>`. */
export const FILES: readonly string[] = [...files.keys()];

/** The unchanged scripts. */
export const sound: ScriptTexts = new Map(actions.map(({ sha, source }) => [sha, source]));

/** The names of the scripts, by digest. */
export const NAMES: ReadonlyMap<string, string> = new Map(actions.map(({ sha, name }) => [sha, name]));

/** How often a fault's text occurs in its file. Anything but once means that the fault no longer fits the script. */
export function occurrences({ file, find }: Mutant): number {
  return FILES.includes(file) ? textOf(file).split(find).length - 1 : 0;
}

/** The scripts with one fault. */
export function planted({ file, find, replace }: Mutant): ScriptTexts {
  const { shared, scripts } = splitLua(new Map([...files, [file, textOf(file).replace(find, () => replace)]]));
  const texts = new Map(scripts.map((script) => [script.name, composeLua(script, shared)]));
  return new Map(actions.map(({ name, sha }) => [sha, texts.get(name) ?? ""]));
}

function textOf(file: string): string {
  return files.get(file) ?? "";
}

function isScript(file: string): file is ScriptName {
  return Object.hasOwn(SCRIPTS, file);
}
