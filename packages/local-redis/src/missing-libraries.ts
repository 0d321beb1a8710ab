import type { Apt } from "./apt.js";
import { runCommand } from "./run-command.js";

/** Returns the library packages that the packages `names` need and that are not installed on this system. */
export async function missingLibraries(
  apt: Apt,
  names: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<readonly string[]> {
  const installed = await installedPackages(env);
  const missing = new Set<string>();

  // The dependencies of installed libraries are installed too, so only those of missing packages are looked up.
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
  // biome-ignore lint/suspicious/noTemplateCurlyInString: this is dpkg-query's format, not a template literal.
  const format = "${db:Status-Status} ${Package}\n";
  const { stdout } = await runCommand("dpkg-query", ["--show", `--showformat=${format}`], { env, timeoutMs: 30_000 });
  const lines = stdout.split("\n").filter((line) => line.startsWith("installed "));
  return new Set(lines.map((line) => line.slice("installed ".length)));
}
