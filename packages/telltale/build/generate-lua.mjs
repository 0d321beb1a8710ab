import { readLuaFiles } from "./lua-files.mjs";
import { splitLua } from "./split-lua.mjs";

/**
 * Returns the text of `lua.generated.ts`: the shared statements and the scripts. The Lua is embedded in code because
 * bundlers of applications would leave out separate files.
 *
 * @param {readonly string[]} [names] the scripts to include @default all
 */
export function generateLua(names) {
  const { shared, scripts } = splitLua(readLuaFiles());
  const wanted = scripts.filter(({ name }) => names === undefined || names.includes(name));
  return `// Generated from the .lua files in this folder by \`npm run generate\`. Do not edit.

import type { LuaScript, SharedLua } from "./compose-lua.js";

/** The Lua statements that scripts share, in order: a statement only uses earlier ones. */
export const SHARED: readonly SharedLua[] = [
${shared.map(sharedEntry).join("\n")}
];

/** The scripts by name, without the shared statements. */
export const SCRIPTS = {
${wanted.map(scriptEntry).join("\n")}
} as const satisfies Record<string, LuaScript>;
`;
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
