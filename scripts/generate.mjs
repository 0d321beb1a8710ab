import { root } from "./lib/bin.mjs";
import { generate } from "./lib/generate.mjs";
import { install } from "./lib/install.mjs";
import { capture } from "./lib/run.mjs";

// npm run generate [-- --check]: with --check, fails if a committed file was out of date. The Dockerfile passes
// --installed, because it has installed the packages already.
if (!process.argv.includes("--installed")) await install();
for (const file of await generate()) console.log(`wrote ${file}`);
if (process.argv.includes("--check")) {
  const { output } = await capture("git", ["status", "--porcelain", "--", "*.generated.ts"], { cwd: root });
  if (output !== "") console.error(`Generated files were out of date. Commit these:\n${output}`);
  process.exitCode = output === "" ? 0 : 1;
}
