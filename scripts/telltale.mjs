#!/usr/bin/env node
import { existsSync } from "node:fs";
import { join } from "node:path";
import { root } from "./lib/bin.mjs";
import { CLI, generate } from "./lib/generate.mjs";
import { install } from "./lib/install.mjs";
import { localOperatorToken } from "./lib/local-operator.mjs";
import { run } from "./lib/run.mjs";

// Where it was called: npm runs scripts at the root, and files are named from where one stands.
const cwd = process.env.INIT_CWD ?? process.cwd();

// stdout belongs to the command: somebody may read it with jq.
if (!existsSync(join(root, "node_modules"))) console.error("Setting up, which takes a minute the first time …");
await install({ quiet: true });
await generate([CLI]);
const args = process.argv.slice(2);
// Under `npm start`, whoever owns this folder is an operator of its stack.
const token = localOperatorToken(args, process.env);
const env = token === undefined ? process.env : { ...process.env, TELLTALE_TOKEN: token };
process.exitCode = await run(process.execPath, [join(root, CLI), ...args], { cwd, env });
