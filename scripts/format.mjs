import { bin, root } from "./lib/bin.mjs";
import { install } from "./lib/install.mjs";
import { run } from "./lib/run.mjs";

await install();
process.exitCode = await run(process.execPath, [bin("biome"), "check", "--write", "."], { cwd: root });
