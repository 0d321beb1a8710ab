import { build } from "./lib/build.mjs";
import { generate } from "./lib/generate.mjs";
import { setup } from "./lib/setup.mjs";

// The Dockerfile passes --installed, because it has installed the packages already.
if (process.argv.includes("--installed")) await generate();
else await setup();
await build();
