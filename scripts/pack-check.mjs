import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setup } from "./lib/setup.mjs";

// npm run pack:check: packs the library as for publishing, and uses it from empty projects, as its users do.
await setup();
const { bundleIt } = await import("./pack-check/bundle.mjs");
const { lintPackage } = await import("./pack-check/lint-package.mjs");
const { pack } = await import("./pack-check/pack.mjs");
const { installWith } = await import("./pack-check/project.mjs");
const { requireIt, runCommand, runQuickstart } = await import("./pack-check/run.mjs");
const { checkTypes, measureTypes } = await import("./pack-check/types.mjs");

const started = performance.now();
const folder = mkdtempSync(join(tmpdir(), "telltale-pack-"));
// A failed step ends the process, so a finally block would not run.
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
const tarball = await pack(folder);
await lintPackage(tarball);
for (const manager of ["npm", "pnpm"]) {
  const project = await installWith(manager, { folder, tarball });
  await checkTypes(project);
  if (manager === "npm") await measureTypes(project);
  await runQuickstart(project);
  await requireIt(project);
  await runCommand(project);
  await bundleIt(project);
}
console.log(`pack:check passed in ${Math.round((performance.now() - started) / 1000)} s`);
