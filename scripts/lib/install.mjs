import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { root } from "./bin.mjs";
import { capture } from "./run.mjs";
import { step } from "./step.mjs";

// npx downloads pnpm, so that you do not have to install it. The field "packageManager" would make pnpm look for itself in
// the registry at every install.
export const PNPM = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).config.pnpm;
const STAMP = join(root, "node_modules", ".telltale-setup");

/**
 * Installs the dependencies, unless they are installed and no manifest has changed since.
 *
 * @param {{ quiet?: boolean }} [options]
 */
export async function install({ quiet = false } = {}) {
  requireNode();
  const wanted = fingerprint();
  if (existsSync(STAMP) && readFileSync(STAMP, "utf8") === wanted) return;

  await step(`Installing dependencies (${PNPM.replace("@", " ")})`, { quiet }, () =>
    capture("npx", ["--yes", PNPM, "install", "--frozen-lockfile"], { cwd: root, env: installEnv() }),
  );
  writeFileSync(STAMP, wanted);
}

/** CI keeps pnpm from asking questions. NODE_ENV is removed, because "production" would leave out the build tools. */
function installEnv() {
  const { NODE_ENV: _, ...env } = process.env;
  return { ...env, CI: "true", PATH: [dirname(process.execPath), env.PATH].filter(Boolean).join(delimiter) };
}

function fingerprint() {
  const hash = createHash("sha256");
  for (const file of ["pnpm-lock.yaml", "pnpm-workspace.yaml", "package.json", ...memberManifests()]) {
    const path = join(root, file);
    if (existsSync(path)) hash.update(`${file}\n`).update(readFileSync(path));
  }
  return hash.digest("hex");
}

function memberManifests() {
  return ["packages", "apps", "examples"]
    .filter((group) => existsSync(join(root, group)))
    .flatMap((group) => readdirSync(join(root, group)).map((member) => join(group, member, "package.json")))
    .concat("docs/reference/package.json")
    .sort();
}

function requireNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  console.error(`Telltale needs Node 20.19 or newer; this is ${process.versions.node}. See https://nodejs.org.`);
  process.exit(1);
}
