import { build } from "./lib/build.mjs";
import { generate } from "./lib/generate.mjs";
import { setup } from "./lib/setup.mjs";

// An image that is being built has its packages already, and says --installed.
if (process.argv.includes("--installed")) await generate();
else await setup();
await build();
