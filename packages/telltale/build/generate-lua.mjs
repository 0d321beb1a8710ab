import { assembleLua } from "./assemble-lua.mjs";
import { readLuaFiles } from "./lua-files.mjs";

/**
 * The text of `lua.generated.ts`: every script, ready to be sent to Redis. Code rather than files, so that a bundle of an
 * application holds it.
 */
export function generateLua() {
  const files = readLuaFiles();
  const read = (name) => files.get(name) ?? "";
  const scripts = [...files.keys()].filter((name) => !name.startsWith("lib/"));
  const entries = scripts.map((name) => `  ${JSON.stringify(name)}: ${quoted(assembleLua(name, read))},`);
  return `// Generated from the .lua files in this folder by \`npm run generate\`. Do not edit.

/** The scripts by name, with the shared Lua each of them uses. */
export const LUA = {
${entries.join("\n")}
} as const;
`;
}

/** @param {string} text */
function quoted(text) {
  return `\`${text.replace(/[\\`]|\$\{/g, "\\$&")}\``;
}
