import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { importSource } from "../lib/from-source.mjs";
import { capture } from "../lib/run.mjs";
import { step } from "../lib/step.mjs";

/**
 * Runs the README's files as its readers do: each in its own process, on a private Redis.
 *
 * @param {import("./project.mjs").Project} project
 */
export async function runQuickstart({ folder }) {
  const { findRedisServer, startRedis } = await importSource("packages/local-redis/src/index.ts");
  const redis = await startRedis({ binary: await findRedisServer() });
  const children = [];
  const start = (script) => {
    const child = spawn(process.execPath, ["--import", "tsx", script], {
      cwd: folder,
      env: { ...process.env, REDIS_URL: redis.url, PORT: "0" },
      stdio: ["ignore", "pipe", "inherit"],
    });
    children.push(child);
    return child;
  };
  try {
    await step("the README's worker, server and client", { quiet: false }, async () => {
      start("worker.ts");
      const url = await addressOf(start("server.ts"));
      const { code, output } = await capture(process.execPath, ["--import", "tsx", "client.ts"], {
        cwd: folder,
        env: { ...process.env, SERVER_URL: url },
      });
      return { code: code !== 0 || !/^total 1995 at \d+$/m.test(output) ? 1 : 0, output };
    });
  } finally {
    for (const child of children) {
      if (child.exitCode !== null) continue;
      child.kill("SIGTERM");
      await once(child, "exit");
    }
    await redis.stop();
  }
}

/**
 * Checks that CommonJS can load every entry point with `require`.
 *
 * @param {import("./project.mjs").Project} project
 */
export async function requireIt({ folder }) {
  const entries = ["", "/server", "/worker", "/trpc", "/gateway", "/client"].map((entry) => `telltale${entry}`);
  const program = `for (const entry of ${JSON.stringify(entries)}) if (Object.keys(require(entry)).length === 0) throw new Error(entry);`;
  writeFileSync(join(folder, "commonjs.cjs"), program);
  await step("require() of every entry point", { quiet: false }, () =>
    capture(process.execPath, ["commonjs.cjs"], { cwd: folder }),
  );
}

/**
 * Checks that the command of the package starts.
 *
 * @param {import("./project.mjs").Project} project
 */
export async function runCommand({ folder }) {
  await step("npx telltale --version", { quiet: false }, async () => {
    const { code, output } = await capture("npx", ["--no-install", "telltale", "--version"], { cwd: folder });
    return { code: code !== 0 || !/^\d+\.\d+\.\d+\s*$/.test(output) ? 1 : 0, output };
  });
}

async function addressOf(child) {
  for await (const line of createInterface({ input: child.stdout })) {
    const [, url] = /^listening on (\S+)$/.exec(line) ?? [];
    if (url !== undefined) return url;
  }
  throw new Error("The README's server ended without saying where it listens");
}
