import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./bin.mjs";

/**
 * Lists the examples that can be run. A package may have several, each in its own folder with a README. Those have
 * names like `learn/01-lists`, and the first heading of their README as description.
 *
 * @returns {{ name: string, description: string, main: string }[]}
 */
export function listExamples() {
  const packages = readdirSync(join(root, "examples")).filter((name) => existsSync(path(name, "package.json")));
  return packages.sort().flatMap((name) => (existsSync(path(name, "src/main.ts")) ? [single(name)] : members(name)));
}

/** Returns the example with this name, or the only one whose name starts with it. */
export function findExample(name) {
  const examples = listExamples();
  const begun = examples.filter((example) => example.name.startsWith(name));
  return examples.find((example) => example.name === name) ?? (begun.length === 1 ? begun[0] : undefined);
}

function single(name) {
  const { description } = JSON.parse(readFileSync(path(name, "package.json"), "utf8"));
  return { name, description, main: path(name, "src/main.ts") };
}

function members(name) {
  const folders = readdirSync(path(name)).filter((folder) => existsSync(path(name, folder, "main.ts")));
  return folders.sort().map((folder) => {
    const [title = ""] = readFileSync(path(name, folder, "README.md"), "utf8").split("\n");
    return {
      name: `${name}/${folder}`,
      description: title.replace(/^#+ */, ""),
      main: path(name, folder, "main.ts"),
    };
  });
}

function path(...parts) {
  return join(root, "examples", ...parts);
}
