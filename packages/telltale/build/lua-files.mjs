import { readdirSync, readFileSync } from "node:fs";
import { basename, join, sep } from "node:path";
import { fileURLToPath } from "node:url";

const FOLDER = fileURLToPath(new URL("../src/queue/scripts/", import.meta.url));

/**
 * Reads the Lua files of the engine, by name. Scripts are named like `claim`, shared files like `lib/keys`, whichever folder of `lib` they are in.
 *
 * @returns {Map<string, string>}
 */
export function readLuaFiles() {
  const files = readdirSync(FOLDER, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".lua"));
  return new Map(
    files.sort().map((file) => {
      const name = basename(file, ".lua");
      return [file.startsWith(`lib${sep}`) ? `lib/${name}` : name, readFileSync(join(FOLDER, file), "utf8")];
    }),
  );
}
