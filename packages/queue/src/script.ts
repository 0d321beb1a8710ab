import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { z } from "zod";

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

// Put in front of every script, in this order: each uses only what stands before it.
const LIBRARY = ["keys", "mend", "clock", "outbox", "limits", "job", "index", "errors", "move", "store", "damage"]
  .map(readLibrary)
  .join("\n");
// Put behind it for those alone whose name starts so: every script builds anew what stands in front of it, each time.
const LISTING = { start: "list-", library: readLibrary("listing") };

/** The typed twin of `lua/<name>.lua`. */
export function defineScript<A, S extends z.ZodType>(
  name: string,
  shape: { args(input: A, clock: string): readonly ScriptArgument[]; reply: S },
): Script<A, z.output<S>> {
  const source = withLibrary(name, read(name));
  return {
    name,
    source,
    sha: createHash("sha1").update(source).digest("hex"),
    args: shape.args,
    parse: (reply) => shape.reply.parse(reply),
  };
}

// Redis wants the `#!lua` line with its flags first.
function withLibrary(name: string, text: string): string {
  const end = text.indexOf("\n");
  const library = name.startsWith(LISTING.start) ? `${LIBRARY}\n${LISTING.library}` : LIBRARY;
  return `${text.slice(0, end)}\n${library}\n${text.slice(end + 1)}`;
}

function readLibrary(name: string): string {
  return read(`lib/${name}`);
}

function read(name: string): string {
  return readFileSync(new URL(`${name}.lua`, LUA), "utf8");
}
