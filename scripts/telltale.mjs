#!/usr/bin/env node
import { existsSync } from "node:fs";
import { join } from "node:path";
import { root } from "./lib/bin.mjs";
import { fromSource } from "./lib/from-source.mjs";
import { run } from "./lib/run.mjs";
import { setup } from "./lib/setup.mjs";

// Where it was called: npm runs scripts at the root, and files are named from where one stands.
const cwd = process.env.INIT_CWD ?? process.cwd();

// stdout belongs to the command: somebody may read it with jq.
if (!existsSync(join(root, "node_modules"))) console.error("Setting up, which takes a minute the first time …");
await setup({ quiet: true });
process.exitCode = await run(
  process.execPath,
  [...fromSource(), join(root, "packages/telltale/src/cli/main.ts"), ...process.argv.slice(2)],
  { cwd },
);
