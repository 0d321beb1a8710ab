import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../lib/bin.mjs";
import { PNPM } from "../lib/install.mjs";
import { capture } from "../lib/run.mjs";
import { step } from "../lib/step.mjs";

/**
 * @typedef {{ folder: string, manager: string }} Project
 */

/**
 * Creates an empty project with the README's files, and installs the tarball and the other packages that the README
 * names.
 *
 * @param {string} manager
 * @param {{ folder: string, tarball: string, versions?: Readonly<Record<string, string>> }} options `versions` gives
 *   packages a version other than the newest
 * @returns {Promise<Project>}
 */
export async function installWith(manager, { folder, tarball, versions = {} }) {
  const project = join(folder, `app-${manager}`);
  mkdirSync(project);
  const readme = readFileSync(join(root, "README.md"), "utf8");
  for (const [, file, text] of readme.matchAll(
    /<!-- examples\/quickstart\/src\/(\S+\.ts) -->\n```ts\n([\s\S]*?)```/g,
  )) {
    writeFileSync(join(project, file), text);
  }
  writeFileSync(join(project, "package.json"), JSON.stringify({ name: "app", private: true, type: "module" }));
  const [, line] = /^npm install (telltale .*)$/m.exec(readme) ?? [];
  if (line === undefined) throw new Error("The README has no line that installs telltale");
  const packages = line
    .split(" ")
    .map((name) =>
      name === "telltale" ? tarball : Object.hasOwn(versions, name) ? `${name}@${versions[name]}` : name,
    );
  const add = { npm: ["npm", "install", "--no-audit", "--no-fund"], pnpm: ["npx", "--yes", PNPM, "add"] }[manager];
  // pnpm refuses to install packages whose build scripts are neither allowed nor forbidden; tsx brings esbuild.
  writeFileSync(join(project, "pnpm-workspace.yaml"), "allowBuilds:\n  esbuild: true\n");
  await step(`${manager} install`, { quiet: false }, () =>
    capture(add[0], [...add.slice(1), ...packages, "@types/node@20"], {
      cwd: project,
      env: { ...withoutNpm(process.env), CI: "true" },
    }),
  );
  return { folder: project, manager };
}

/**
 * Leaves out what `npm run` adds to the environment (its folder, its configuration), which a package manager started
 * from a shell does not have.
 *
 * @param {NodeJS.ProcessEnv} environment
 */
function withoutNpm(environment) {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !/^npm_|^INIT_CWD$/i.test(name)));
}
