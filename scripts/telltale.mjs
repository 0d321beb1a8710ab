#!/usr/bin/env node
import { existsSync } from "node:fs";
import { join } from "node:path";
import { root } from "./lib/bin.mjs";
import { CLI, generate } from "./lib/generate.mjs";
import { install } from "./lib/install.mjs";
import { localOperatorToken } from "./lib/local-operator.mjs";
import { run } from "./lib/run.mjs";

// The caller's folder. npm runs scripts at the root, but file arguments are relative to the caller's folder.
const cwd = process.env.INIT_CWD ?? process.cwd();

// On stderr, because the stdout of the command may be piped into jq.
if (!existsSync(join(root, "node_modules"))) console.error("Setting up (this takes a minute the first time) …");
await install({ quiet: true });
await generate([CLI]);
const args = process.argv.slice(2);
// The user of this folder is an operator of the stack that `npm start` runs.
const token = localOperatorToken(args, process.env);
const env = token === undefined ? process.env : { ...process.env, TELLTALE_TOKEN: token };
process.exitCode = await run(process.execPath, [join(root, CLI), ...args], { cwd, env });
