import { bin, root } from "./lib/bin.mjs";
import { run } from "./lib/run.mjs";
import { setup } from "./lib/setup.mjs";

// knip needs the generated sources.
await setup();
const style = await run(process.execPath, [bin("biome"), "check", "."], { cwd: root });
const unused = await run(process.execPath, [bin("knip")], { cwd: root });
process.exitCode = style || unused;
