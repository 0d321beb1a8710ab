import { fileURLToPath } from "node:url";
import { run } from "./lib/run.mjs";
import { setup } from "./lib/setup.mjs";

await setup();
const demo = fileURLToPath(new URL("../apps/stack/dist/demo.js", import.meta.url));
process.exitCode = await run(process.execPath, [demo, ...process.argv.slice(2)]);
