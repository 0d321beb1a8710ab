import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { z } from "zod";
import { assemble } from "./assemble.js";

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

const LUA = new URL("../lua/", import.meta.url);

/** The typed twin of `lua/<name>.lua`. */
export function defineScript<A, S extends z.ZodType>(
  name: string,
  shape: { args(input: A, clock: string): readonly ScriptArgument[]; reply: S },
): Script<A, z.output<S>> {
  const source = assemble(name, read);
  return {
    name,
    source,
    sha: createHash("sha1").update(source).digest("hex"),
    args: shape.args,
    parse: (reply) => shape.reply.parse(reply),
  };
}

function read(file: string): string {
  return readFileSync(new URL(`${file}.lua`, LUA), "utf8");
}
