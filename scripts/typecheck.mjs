import { bin, root } from "./lib/bin.mjs";
import { run } from "./lib/run.mjs";
import { setup } from "./lib/setup.mjs";

await setup();
// Everything from sources, and then the code for browsers without the types of Node.
for (const project of ["tsconfig.json", "packages/telltale/tsconfig.browser.json"]) {
  process.exitCode ||= await run(process.execPath, [bin("tsc"), "-p", project], { cwd: root });
}
