import { fileURLToPath } from "node:url";
import { run } from "./lib/run.mjs";
import { setup } from "./lib/setup.mjs";

await setup();
const chaos = fileURLToPath(new URL("../apps/chaos/dist/main.js", import.meta.url));
process.exitCode = await run(process.execPath, [chaos, ...process.argv.slice(2)]);
