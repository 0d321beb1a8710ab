import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { bin, root } from "../bin.mjs";
import { capture } from "../run.mjs";

const PACKAGE = join(root, "packages/telltale");

/**
 * Makes a folder look like a project that has installed the library: its declarations, written from its sources as they are
 * now, and links to what it depends on. An application compiles against declarations, and they cost other amounts than sources.
 *
 * @param {string} folder
 */
export async function installDeclarations(folder) {
  const modules = join(folder, "node_modules");
  const installed = join(modules, "telltale");
  const manifest = readFileSync(join(PACKAGE, "package.json"), "utf8");
  mkdirSync(installed, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "app", private: true, type: "module" }));
  writeFileSync(join(installed, "package.json"), manifest);

  const { dependencies, devDependencies } = JSON.parse(manifest);
  const needed = Object.keys({ ...dependencies, ...devDependencies }).map((name) => [name, PACKAGE]);
  for (const [name, owner] of [...needed, ["@types/node", root]]) {
    const link = join(modules, name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(owner, "node_modules", name), link, "junction");
  }

  const project = join(PACKAGE, "tsconfig.build.json");
  const options = [
    "--emitDeclarationOnly",
    "--declarationMap",
    "false",
    "--sourceMap",
    "false",
    "--composite",
    "false",
  ];
  // What the package imports from itself is resolved to its sources, so that no build is needed first.
  options.push("--customConditions", "@telltale/source");
  const { code, output } = await capture(process.execPath, [
    ...[bin("tsc"), "-p", project, ...options, "--outDir", join(installed, "dist")],
  ]);
  if (code !== 0) throw new Error(`The declarations could not be written:\n${output}`);
}
