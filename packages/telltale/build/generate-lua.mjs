import { readLuaFiles } from "./lua-files.mjs";
import { splitLua } from "./split-lua.mjs";

/**
 * The text of `lua.generated.ts`, with all scripts and the shared statements that they use. It is code and not a set of files, so
 * that it is included when an application is bundled.
 *
 * @param {readonly string[]} [names] only these scripts @default all
 */
export function generateLua(names) {
  const { shared, scripts } = splitLua(readLuaFiles());
  const wanted = scripts.filter(({ name }) => names === undefined || names.includes(name));
  return `// Generated from the .lua files in this folder by \`npm run generate\`. Do not edit.

import type { LuaScript, SharedLua } from "./compose-lua.js";

/** The shared statements. Each uses only names that earlier ones define. */
export const SHARED: readonly SharedLua[] = [
${usedBy(wanted, shared).map(sharedEntry).join("\n")}
];

/** The scripts by name, without the shared statements. */
export const SCRIPTS = {
${wanted.map(scriptEntry).join("\n")}
} as const satisfies Record<string, LuaScript>;
`;
}

/** The shared statements that these scripts use, also indirectly, as `composeLua` finds them. */
function usedBy(scripts, shared) {
  const used = new Set(scripts.flatMap(({ uses }) => uses));
  // Backwards, because a statement comes after those that it uses.
  const kept = shared.toReversed().filter(({ defines, uses }) => {
    if (!defines.some((name) => used.has(name))) return false;
    for (const name of uses) used.add(name);
    return true;
  });
  return kept.reverse();
}

function sharedEntry({ file, defines, uses, text }, i, all) {
  const title = file === all[i - 1]?.file ? "" : `  // ${file}.lua\n`;
  return `${title}  {
    defines: ${listed(defines)},
    uses: ${listed(uses)},
    text: ${quoted(text)},
  },`;
}

function scriptEntry({ name, head, uses, text }) {
  return `  ${/^\w+$/.test(name) ? name : `"${name}"`}: {
    head: "${head}",
    uses: ${listed(uses)},
    text: ${quoted(text)},
  },`;
}

/** @param {readonly string[]} names */
function listed(names) {
  return `[${names.map((name) => `"${name}"`).join(", ")}]`;
}

/** @param {string} text */
function quoted(text) {
  return `\`${text.replace(/[\\`]|\$\{/g, "\\$&")}\``;
}
