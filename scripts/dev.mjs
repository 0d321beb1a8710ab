import { fileURLToPath } from "node:url";
import { bin, root } from "./lib/bin.mjs";
import { run } from "./lib/run.mjs";
import { setup } from "./lib/setup.mjs";

// The compiler writes what changed, and Node restarts the processes whose files were written.
await setup();
const stack = fileURLToPath(new URL("../apps/stack/dist/start.js", import.meta.url));
const compiling = run(process.execPath, [bin("tsc"), "-b", "-w", "--preserveWatchOutput"], {
  cwd: root,
  detached: true,
});
const running = run(process.execPath, [stack, "--watch"], { cwd: root });
process.exitCode = Math.max(...(await Promise.all([compiling, running])));
