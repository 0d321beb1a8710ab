import { bin, root } from "./lib/bin.mjs";
import { install } from "./lib/install.mjs";
import { run } from "./lib/run.mjs";

await install();
const style = await run(process.execPath, [bin("biome"), "check", "."], { cwd: root });
const unused = await run(process.execPath, [bin("knip")], { cwd: root });
process.exitCode = style || unused;
