// In this order: each uses only what stands before it. `listing` belongs to the scripts that list jobs.
const LIBRARY = [
  ...["keys", "mend", "clock", "outbox", "limits", "job", "index", "errors", "move", "store", "damage", "listing"],
].map((name) => `lib/${name}`);

interface Statement {
  readonly text: string;
  readonly names: readonly string[];
}

/**
 * A script with what it uses of the shared Lua in front of it. Redis builds everything that stands there anew with each
 * call, so a script is given the statements it needs and no others: all of them would cost more than most scripts do.
 *
 * `read` answers the text of a file below `lua/`, without its `.lua`.
 */
export function assemble(name: string, read: (file: string) => string): string {
  const text = read(name);
  // Redis wants the `#!lua` line with its flags first.
  const end = text.indexOf("\n");
  const body = text.slice(end + 1);
  const library = LIBRARY.flatMap((file) => statementsOf(file, read(file)));
  const used = usedNames(body);
  const kept: string[] = [];
  // From the last: whatever a statement uses stands before it.
  for (const statement of library.toReversed()) {
    if (!statement.names.some((defined) => used.has(defined))) continue;
    kept.unshift(statement.text);
    for (const word of usedNames(statement.text)) used.add(word);
  }
  return `${text.slice(0, end)}\n${kept.join("\n")}\n${body}`;
}

// A shared file holds nothing but local functions and values: each begins at the start of a line.
function statementsOf(file: string, text: string): Statement[] {
  const [before = "", ...rest] = withoutComments(text).split(/^local /m);
  if (before.trim() !== "") throw new Error(`lua/${file}.lua holds something that is neither local nor a comment`);
  return rest.map((statement) => {
    const names = /^function (\w+)|^([\w, ]+?)\s*(?==|$)/m.exec(statement);
    return { text: `local ${statement.trimEnd()}`, names: (names?.[1] ?? names?.[2] ?? "").split(/,\s*/) };
  });
}

// Not what stands in quotes or behind a dot.
function usedNames(text: string): Set<string> {
  const code = withoutComments(text).replace(/'[^'\n]*'/g, "''");
  return new Set(code.match(/(?<![\w.])(?:\.\.)?[A-Za-z_]\w*/g)?.map((word) => word.replace("..", "")));
}

function withoutComments(text: string): string {
  return text.replace(/^\s*--.*\n/gm, "").replace(/\s--(?!\[)[^'\n]*$/gm, "");
}
