import { createHash } from "node:crypto";
import { composeLua } from "./compose-lua.js";
import { SCRIPTS, SHARED } from "./lua.generated.js";

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

/** Reads a reply and throws for one that is not of its shape: a zod schema, or a parser of `checked-reply.ts`. */
export interface ReplyParser<R> {
  parse(reply: unknown): R;
}

/** The name of a script: its `.lua` file stands beside its typed twin. */
export type ScriptName = keyof typeof SCRIPTS;

/** The typed twin of `<name>.lua`. */
export function defineScript<A, R>(
  name: ScriptName,
  shape: { args(input: A, clock: string): readonly ScriptArgument[]; reply: ReplyParser<R> },
): Script<A, R> {
  const source = composeLua(SCRIPTS[name], SHARED);
  return {
    name,
    source,
    sha: createHash("sha1").update(source).digest("hex"),
    args: shape.args,
    parse: (reply) => shape.reply.parse(reply),
  };
}
