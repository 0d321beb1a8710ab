/** A statement that scripts share: a local function, or locals that stand together. */
export interface SharedLua {
  /** The names it defines. */
  readonly defines: readonly string[];
  /** The shared names it uses itself. */
  readonly uses: readonly string[];
  readonly text: string;
}

/** A script without what it shares with others. */
export interface LuaScript {
  /** Its first line, which tells Redis what the script may do. Redis requires it to come first. */
  readonly head: string;
  /** The shared names it uses itself. */
  readonly uses: readonly string[];
  readonly text: string;
}

/**
 * The whole text of a script, as Redis is sent it. Redis compiles a whole script again with each call, so a script gets
 * the shared statements it needs and no others: all of them would cost more than most scripts do.
 */
export function composeLua(script: LuaScript, shared: readonly SharedLua[]): string {
  const used = new Set(script.uses);
  const kept: string[] = [];
  // Backwards: what a statement uses stands before it.
  for (const { defines, uses, text } of shared.toReversed()) {
    if (!defines.some((name) => used.has(name))) continue;
    kept.push(text);
    for (const name of uses) used.add(name);
  }
  return [script.head, ...kept.reverse(), script.text].join("\n");
}
