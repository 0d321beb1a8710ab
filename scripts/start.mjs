import { fileURLToPath } from "node:url";
import { run } from "./lib/run.mjs";
import { setup } from "./lib/setup.mjs";

await setup();
const start = fileURLToPath(new URL("../apps/stack/dist/start.js", import.meta.url));
process.exitCode = await run(process.execPath, [start, ...process.argv.slice(2)]);
