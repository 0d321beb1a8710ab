import { bin, root } from "./lib/bin.mjs";
import { run } from "./lib/run.mjs";
import { setup } from "./lib/setup.mjs";

await setup();
process.exitCode = await run(process.execPath, [bin("tsc"), "-p", "tsconfig.tests.json", "--noEmit"], { cwd: root });
