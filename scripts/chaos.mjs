import { join } from "node:path";
import { root } from "./lib/bin.mjs";
import { fromSource } from "./lib/from-source.mjs";
import { run } from "./lib/run.mjs";
import { setup } from "./lib/setup.mjs";

await setup();
const chaos = join(root, "apps/chaos/src/main.ts");
process.exitCode = await run(process.execPath, [...fromSource(), chaos, ...process.argv.slice(2)]);
