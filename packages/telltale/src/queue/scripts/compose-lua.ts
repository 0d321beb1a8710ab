/** A statement that scripts share: a local function, or a group of locals. */
export interface SharedLua {
  /** The names that this statement defines. */
  readonly defines: readonly string[];
  /** The shared names that its text uses directly. */
  readonly uses: readonly string[];
  readonly text: string;
}

/** A script without its shared statements. */
export interface LuaScript {
  /** The first line, which declares the script's flags to Redis. It must stay the first line. */
  readonly head: string;
  /** The shared names that its text uses directly. */
  readonly uses: readonly string[];
  readonly text: string;
}

/**
 * Returns the text of a script as it is sent to Redis. Each call creates the functions and tables of the whole text again, so a script
 * only gets the shared statements that it needs. All of them together would cost more than most scripts.
 */
export function composeLua(script: LuaScript, shared: readonly SharedLua[]): string {
  const used = new Set(script.uses);
  const kept: string[] = [];
  // Iterates backwards, because a statement comes after those that it uses.
  for (const { defines, uses, text } of shared.toReversed()) {
    if (!defines.some((name) => used.has(name))) continue;
    kept.push(text);
    for (const name of uses) used.add(name);
  }
  return [script.head, ...kept.reverse(), script.text].join("\n");
}
