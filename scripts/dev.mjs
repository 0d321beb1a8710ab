import { bin, root } from "./lib/bin.mjs";
import { install } from "./lib/install.mjs";
import { run } from "./lib/run.mjs";

await install();
console.log("Building on every change; start the stack beside it with: npm start. Ctrl-C ends this.");
await run(process.execPath, [bin("tsc"), "-b", "-w", "--preserveWatchOutput"], { cwd: root });
