import { root } from "./lib/bin.mjs";
import { generate } from "./lib/generate.mjs";
import { install } from "./lib/install.mjs";
import { capture } from "./lib/run.mjs";

// npm run generate [-- --check]: with --check it fails where a committed file was out of date. An image that is being built
// has its packages already, and says --installed.
if (!process.argv.includes("--installed")) await install();
for (const file of await generate()) console.log(`wrote ${file}`);
if (process.argv.includes("--check")) {
  const { output } = await capture("git", ["status", "--porcelain", "--", "*.generated.ts"], { cwd: root });
  if (output !== "") console.error(`Generated files were not current:\n${output}`);
  process.exitCode = output === "" ? 0 : 1;
}
