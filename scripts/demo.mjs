import { join } from "node:path";
import { root } from "./lib/bin.mjs";
import { fromSource } from "./lib/from-source.mjs";
import { run } from "./lib/run.mjs";
import { setup } from "./lib/setup.mjs";

await setup();
const demo = join(root, "apps/stack/src/demo.ts");
process.exitCode = await run(process.execPath, [...fromSource(), demo, ...process.argv.slice(2)]);
