#!/usr/bin/env node
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { run } from "./lib/run.mjs";
import { setup } from "./lib/setup.mjs";

// Where it was called: npm runs scripts at the root, and files are named from where one stands.
const cwd = process.env.INIT_CWD ?? process.cwd();

// stdout belongs to the command: somebody may read it with jq.
const cli = fileURLToPath(new URL("../apps/cli/dist/main.js", import.meta.url));
if (!existsSync(cli)) console.error("Setting up, which takes a minute the first time …");
await setup({ quiet: true });
process.exitCode = await run(process.execPath, [cli, ...process.argv.slice(2)], { cwd });
