// The order matters, because a file can only use names of earlier files. `filter` and `listing` are for the scripts that look for jobs.
const LIBRARY = [
  ...[
    "keys",
    "numbers",
    "mend",
    "clock",
    "history",
    "outbox",
    "limits",
    "job",
    "index",
    "errors",
    "log",
    "outstanding",
    "move",
    "store",
    "existing",
  ],
  ...["damage", "due", "workers", "cancel", "rerun", "filter", "listing", "bulk", "roster"],
].map((name) => `lib/${name}`);

/**
 * Splits the Lua files into the parts that `composeLua` combines: the scripts, and the shared statements with the names
 * that each defines and uses. Comments and indents are removed.
 *
 * @param {ReadonlyMap<string, string>} files see `readLuaFiles`
 */
export function splitLua(files) {
  const unknown = [...files.keys()].find((name) => name.startsWith("lib/") && !LIBRARY.includes(name));
  if (unknown) throw new Error(`${unknown}.lua has no place in the order of shared files. Add it to LIBRARY`);
  const statements = LIBRARY.flatMap((file) => statementsOf(file, files.get(file) ?? ""));
  const names = statements.flatMap(({ defines }) => defines);
  const usedBy = (code, own = []) => {
    const used = usedNames(code);
    return names.filter((name) => used.has(name) && !own.includes(name));
  };
  const scripts = [...files].filter(([name]) => !name.startsWith("lib/"));
  return {
    shared: statements.map((statement) => ({ ...statement, uses: usedBy(statement.text, statement.defines) })),
    scripts: scripts.map(([name, file]) => {
      const end = file.indexOf("\n");
      const text = withoutIndents(withoutComments(file.slice(end + 1)).trimStart());
      return { name, head: file.slice(0, end), uses: usedBy(text), text };
    }),
  };
}

/**
 * Splits a shared file into statements. It may only contain local functions and values that begin at the start of a
 * line.
 *
 * @param {string} file
 * @param {string} text
 * @returns {{ file: string, text: string, defines: string[] }[]}
 */
function statementsOf(file, text) {
  const [before = "", ...rest] = withoutComments(text).split(/^local /m);
  if (before.trim() !== "") throw new Error(`${file}.lua has a statement that does not begin with "local"`);
  return rest.map((statement) => {
    const names = /^function (\w+)|^([\w, ]+?)\s*(?==|$)/m.exec(statement);
    const defines = (names?.[1] ?? names?.[2] ?? "").split(/,\s*/);
    return { file, text: withoutIndents(`local ${statement.trimEnd()}`), defines };
  });
}

/**
 * Returns all names in the code, except those in quotes or after a dot.
 *
 * @param {string} text
 * @returns {Set<string>}
 */
function usedNames(text) {
  const code = withoutComments(text).replace(/'[^'\n]*'/g, "''");
  return new Set(code.match(/(?<![\w.])(?:\.\.)?[A-Za-z_]\w*/g)?.map((word) => word.replace("..", "")));
}

/** @param {string} text */
function withoutComments(text) {
  return text.replace(/^\s*--.*\n/gm, "").replace(/\s--(?!\[)[^'\n]*$/gm, "");
}

/** @param {string} text */
function withoutIndents(text) {
  return text.replace(/^ +/gm, "");
}
