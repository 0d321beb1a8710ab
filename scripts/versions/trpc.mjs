import { appendFileSync, cpSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { root } from "../lib/bin.mjs";
import { PNPM } from "../lib/install.mjs";
import { capture, run } from "../lib/run.mjs";
import { step } from "../lib/step.mjs";

/**
 * Runs tests in a copy of this repository with another version of tRPC.
 *
 * @param {string} version
 * @param {{ folder: string, tests: readonly string[] }} options
 * @returns {Promise<boolean>}
 */
export async function testOnTrpc(version, { folder, tests }) {
  const copy = join(folder, `trpc-${version}`);
  mkdirSync(copy);
  for (const file of await sourceFiles()) cpSync(join(root, file), join(copy, file));
  // `overrides` is the last setting of the file.
  appendFileSync(join(copy, "pnpm-workspace.yaml"), `  "@trpc/client": "${version}"\n  "@trpc/server": "${version}"\n`);
  await step(`pnpm install with tRPC ${version}`, { quiet: false }, () =>
    capture("npx", ["--yes", PNPM, "install", "--no-frozen-lockfile"], {
      cwd: copy,
      env: { ...process.env, CI: "true" },
    }),
  );
  return (await run(process.execPath, ["scripts/test.mjs", ...tests], { cwd: copy })) === 0;
}

/** The files of this repository that are not ignored by git, as paths from the root. */
async function sourceFiles() {
  const { output } = await capture("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { cwd: root });
  return output.split("\n").filter((file) => file !== "" && existsSync(join(root, file)));
}
