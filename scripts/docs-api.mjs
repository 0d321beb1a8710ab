import { join } from "node:path";
import { root } from "./lib/bin.mjs";
import { run } from "./lib/run.mjs";
import { setup } from "./lib/setup.mjs";

// npm run docs:api [-- --check]: writes the API reference to docs/reference/out. Fails if a public export has no
// description. With --check, writes nothing.
await setup();
const folder = join(root, "docs/reference");
const flags = process.argv.includes("--check") ? ["--emit", "none"] : [];
const typedoc = join(folder, "node_modules/typedoc/bin/typedoc");
process.exitCode = await run(process.execPath, [typedoc, ...flags], { cwd: folder });
