import { createHash } from "node:crypto";
import type { z } from "zod";
import { LUA } from "./lua.generated.js";

/** What a script may be given besides the queue's keys. */
export type ScriptArgument = string | number;

/** A Lua script with the types of what goes in and comes out. */
export interface Script<A, R> {
  readonly name: string;
  readonly source: string;
  readonly sha: string;
  args(input: A, clock: string): readonly ScriptArgument[];
  parse(reply: unknown): R;
}

/** The name of a script: its `.lua` file stands beside its typed twin. */
export type ScriptName = keyof typeof LUA;

/** The typed twin of `<name>.lua`. */
export function defineScript<A, S extends z.ZodType>(
  name: ScriptName,
  shape: { args(input: A, clock: string): readonly ScriptArgument[]; reply: S },
): Script<A, z.output<S>> {
  const source = LUA[name];
  return {
    name,
    source,
    sha: createHash("sha1").update(source).digest("hex"),
    args: shape.args,
    parse: (reply) => shape.reply.parse(reply),
  };
}
