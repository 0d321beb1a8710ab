import type { Apt } from "./apt.js";
import { runCommand } from "./run-command.js";

/** The library packages that `names` need and this system lacks, found by following only what is missing. */
export async function missingLibraries(
  apt: Apt,
  names: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<readonly string[]> {
  const installed = await installedPackages(env);
  const missing = new Set<string>();

  // What an installed library needs is installed with it, so each round is small and the last one finds nothing.
  for (let next = names; next.length > 0; ) {
    const found = (await apt.dependencies(next))
      .filter((alternatives) => !alternatives.some((name) => installed.has(name) || missing.has(name)))
      .map((alternatives) => alternatives.find((name) => name.startsWith("lib")))
      .filter((name) => name !== undefined);
    next = [...new Set(found)];
    for (const name of next) missing.add(name);
  }
  return [...missing];
}

async function installedPackages(env: NodeJS.ProcessEnv): Promise<ReadonlySet<string>> {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own format, not a template of ours.
  const format = "${db:Status-Status} ${Package}\n";
  const { stdout } = await runCommand("dpkg-query", ["--show", `--showformat=${format}`], { env, timeoutMs: 30_000 });
  const lines = stdout.split("\n").filter((line) => line.startsWith("installed "));
  return new Set(lines.map((line) => line.slice("installed ".length)));
}
