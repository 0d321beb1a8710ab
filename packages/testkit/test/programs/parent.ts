// Starts a process that ignores SIGTERM, as a test does, and prints its pid.
import { fileURLToPath } from "node:url";
import { spawnProcess } from "../../src/index.js";

const child = await spawnProcess(fileURLToPath(new URL("stubborn.mjs", import.meta.url)));
await child.line(/ready/);
console.log(`child ${child.pid}`);
