import { join } from "node:path";
import { root } from "./lib/bin.mjs";
import { fromSource } from "./lib/from-source.mjs";
import { run } from "./lib/run.mjs";
import { setup } from "./lib/setup.mjs";

// Everything runs from sources. Node restarts a process when its files change.
await setup();
const stack = join(root, "apps/stack/src/start.ts");
process.exitCode = await run(process.execPath, [...fromSource(), stack, "--watch"], { cwd: root });
