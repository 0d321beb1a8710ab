import { createHash } from "node:crypto";
import { composeLua } from "./compose-lua.js";
import { SCRIPTS, SHARED } from "./lua.generated.js";

/** An argument of a script. */
export type ScriptArgument = string | number;

/** A Lua script with the types of its input and its reply. */
export interface Script<A, R> {
  readonly name: string;
  /** The complete Lua text. */
  readonly source: string;
  /** The digest of `source`, for EVALSHA. */
  readonly sha: string;
  args(input: A, clock: string): readonly ScriptArgument[];
  parse(reply: unknown): R;
}

/** Parses a reply, and throws if it is malformed: a zod schema, or a parser from `checked-reply.ts`. */
export interface ReplyParser<R> {
  parse(reply: unknown): R;
}

/** The name of a script. Its `.lua` file is beside its typed twin. */
export type ScriptName = keyof typeof SCRIPTS;

/** Defines the typed twin of `<name>.lua`. */
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
