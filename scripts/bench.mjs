import { fileURLToPath } from "node:url";
import { run } from "./lib/run.mjs";
import { setup } from "./lib/setup.mjs";

await setup();
const bench = fileURLToPath(new URL("../apps/bench/dist/main.js", import.meta.url));
process.exitCode = await run(process.execPath, [bench, ...process.argv.slice(2)]);
