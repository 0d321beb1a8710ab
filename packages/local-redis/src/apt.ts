import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type CommandResult, runCommand } from "./run-command.js";

/** Which package lists apt reads: those of the system, which are not changed, or private ones, which can be updated. */
export type AptLists = "system" | "private";

/** apt without root. It only writes inside one folder, and installs nothing. */
export interface Apt {
  /** Updates the package lists. */
  update(): Promise<CommandResult>;
  /** Returns the version that apt would install of each package. Packages that apt does not know are left out. */
  candidates(names: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Returns the dependencies of the packages: for each dependency a list of its alternatives, the preferred one first. */
  dependencies(names: readonly string[]): Promise<readonly (readonly string[])[]>;
  /** Downloads the packages' .deb files into `folder`. apt checks their signatures and checksums. */
  download(names: readonly string[], folder: string): Promise<CommandResult>;
}

/** Prepares apt to work inside `folder`, which is created. */
export async function createApt(folder: string, lists: AptLists, env: NodeJS.ProcessEnv): Promise<Apt> {
  await mkdir(join(folder, "cache", "archives", "partial"), { recursive: true });
  await mkdir(join(folder, "state", "lists", "partial"), { recursive: true });
  const config = join(folder, "apt.conf");
  await writeFile(config, configText(folder, lists));

  const run = (program: string, args: readonly string[], cwd = folder) =>
    runCommand(program, ["-c", config, ...args], { env: { ...env, LC_ALL: "C" }, timeoutMs: 180_000, cwd });

  return {
    update: () => run("apt-get", ["update"]),
    candidates: async (names) => parsePolicy((await run("apt-cache", ["policy", ...names])).stdout),
    dependencies: async (names) =>
      names.length === 0
        ? []
        : parseDependencies((await run("apt-cache", ["depends", "--important", ...names])).stdout),
    download: (names, cwd) => run("apt-get", ["download", "-q", ...names], cwd),
  };
}

/**
 * Turns off locking, which needs root, and the sandbox user, who may not be able to read the folder. Clears the update
 * hooks, which clean the system's own cache and wake desktop services. apt reads the file of -c last, so `#clear` removes
 * the hooks that the system configured.
 */
function configText(folder: string, lists: AptLists): string {
  return [
    `Dir::Cache "${join(folder, "cache")}";`,
    ...(lists === "private" ? [`Dir::State "${join(folder, "state")}";`, `Dir::State::lists "lists/";`] : []),
    'Debug::NoLocking "1";',
    'APT::Sandbox::User "";',
    'Acquire::Languages "none";',
    'Acquire::Retries "2";',
    'Acquire::http::Timeout "20";',
    'Acquire::https::Timeout "20";',
    "#clear APT::Update::Pre-Invoke;",
    "#clear APT::Update::Post-Invoke;",
    "#clear APT::Update::Post-Invoke-Success;",
    "",
  ].join("\n");
}

/** Parses the output of `apt-cache policy`: the version that would be installed, by package. */
export function parsePolicy(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  let name: string | undefined;
  for (const line of text.split("\n")) {
    name = /^(\S+):$/.exec(line)?.[1] ?? name;
    const version = /^\s+Candidate: (\S+)$/.exec(line)?.[1];
    if (name !== undefined && version !== undefined && version !== "(none)") found.set(name, version);
  }
  return found;
}

/**
 * Parses the output of `apt-cache depends`. A bar means that the next line has an alternative. Virtual packages are in
 * angle brackets, and are skipped.
 */
export function parseDependencies(text: string): readonly (readonly string[])[] {
  const all: string[][] = [];
  let alternatives: string[] = [];
  for (const line of text.split("\n")) {
    const [, bar, name] = /^ (\||\s)(?:Pre)?Depends: (\S+)$/.exec(line) ?? [];
    if (name === undefined) continue;
    if (!name.startsWith("<")) alternatives.push(name);
    if (bar === "|") continue;
    all.push(alternatives);
    alternatives = [];
  }
  return all;
}
