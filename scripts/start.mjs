import { join } from "node:path";
import { root } from "./lib/bin.mjs";
import { fromSource } from "./lib/from-source.mjs";
import { run } from "./lib/run.mjs";
import { setup } from "./lib/setup.mjs";

await setup();
const start = join(root, "apps/stack/src/start.ts");
process.exitCode = await run(process.execPath, [...fromSource(), start, ...process.argv.slice(2)]);
