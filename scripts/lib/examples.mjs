import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./bin.mjs";

/**
 * The examples that can be run, by name. A package may hold several, each in a folder of its own with a README: they are
 * named `learn/01-lists` and described by their README's first heading.
 *
 * @returns {{ name: string, description: string, main: string }[]}
 */
export function listExamples() {
  const packages = readdirSync(join(root, "examples")).filter((name) => existsSync(path(name, "package.json")));
  return packages.sort().flatMap((name) => (existsSync(path(name, "src/main.ts")) ? [single(name)] : members(name)));
}

/** The example of that name, or the only one that begins with it. */
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
