// In this order: each file uses only what stands before it. `listing` belongs to the scripts that list jobs.
const LIBRARY = [
  ...["keys", "mend", "clock", "outbox", "limits", "job", "index", "errors", "move", "store", "damage", "listing"],
].map((name) => `lib/${name}`);

/**
 * Puts the shared Lua that a script uses in front of it. Redis compiles everything in a script again with each call, so a
 * script gets the shared statements it needs and no others: all of them would cost more than most scripts do.
 *
 * @param {string} name the script, without `.lua`
 * @param {(file: string) => string} read answers the text of a script, or of a shared file as `lib/<name>`
 * @returns {string}
 */
export function assembleLua(name, read) {
  const text = read(name);
  // Redis wants the `#!lua` line with its flags first.
  const end = text.indexOf("\n");
  const body = withoutComments(text.slice(end + 1));
  const library = LIBRARY.flatMap((file) => statementsOf(file, read(file)));
  const used = usedNames(body);
  /** @type {string[]} */
  const kept = [];
  // From the last: whatever a statement uses stands before it.
  for (const statement of library.reverse()) {
    if (!statement.names.some((defined) => used.has(defined))) continue;
    kept.unshift(statement.text);
    for (const word of usedNames(statement.text)) used.add(word);
  }
  return `${text.slice(0, end)}\n${[...kept, body.trimStart()].join("\n")}`;
}

/**
 * A shared file holds nothing but local functions and values: each begins at the start of a line.
 *
 * @param {string} file
 * @param {string} text
 * @returns {{ text: string, names: string[] }[]}
 */
function statementsOf(file, text) {
  const [before = "", ...rest] = withoutComments(text).split(/^local /m);
  if (before.trim() !== "") throw new Error(`${file}.lua holds a statement that is neither a local nor a comment`);
  return rest.map((statement) => {
    const names = /^function (\w+)|^([\w, ]+?)\s*(?==|$)/m.exec(statement);
    return { text: `local ${statement.trimEnd()}`, names: (names?.[1] ?? names?.[2] ?? "").split(/,\s*/) };
  });
}

/**
 * Every name in the code, less what stands in quotes or after a dot.
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
