import { resolve } from "node:path";
import { fromSource } from "./lib/from-source.mjs";
import { run } from "./lib/run.mjs";
import { setup } from "./lib/setup.mjs";

// npm run ts -- <file> [arguments]: runs a TypeScript file of this workspace from its sources.
const given = process.argv.slice(2);
const [file, ...args] = given[0] === "--" ? given.slice(1) : given;
if (file === undefined) {
  console.error("npm run ts -- <file> [arguments]   runs a TypeScript file of this workspace, without a build");
  process.exit(2);
}
await setup({ quiet: true });
process.exitCode = await run(process.execPath, [...fromSource(), resolve(file), ...args]);
