import { mkdir, mkdtemp, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { type Apt, createApt } from "./apt.js";
import { missingLibraries } from "./missing-libraries.js";
import type { Search } from "./redis-server-binary.js";
import { runCommand } from "./run-command.js";
import { findProgram } from "./search-path.js";
import { parsePackageVersion } from "./server-version.js";
import { probeUnpacked, unpackedFolder } from "./unpacked-server.js";

/** The options of `fetchPackages`. */
export interface FetchOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Where unpacked servers are kept. */
  readonly cacheDir: string;
  /** Called with a line of text before each step that takes a while. */
  readonly onProgress: (line: string) => void;
}

const SERVERS = [
  { server: "redis-server", tools: "redis-tools" },
  { server: "valkey-server", tools: "valkey-tools" },
] as const;

const ABANDONED_MS = 60 * 60 * 1000;

/**
 * Downloads the distribution's own server packages and unpacks them into the cache folder. It installs nothing and does
 * not need root. Several processes can do this at the same time: each works in its own folder, and the result of the first
 * one to finish is kept. Never rejects: the result says why it failed.
 */
export async function fetchPackages(options: FetchOptions): Promise<Search> {
  for (const program of ["apt-get", "apt-cache", "dpkg-deb", "dpkg-query"]) {
    if ((await findProgram(program, options.env)) === undefined) {
      return { reason: `packages can only be fetched on Debian and Ubuntu, and ${program} is missing here` };
    }
  }
  try {
    await mkdir(options.cacheDir, { recursive: true });
    await removeAbandoned(options.cacheDir);
    const work = await mkdtemp(join(options.cacheDir, "fetch-"));
    try {
      const reason = await fetchInto(work, options);
      return reason === undefined ? await keep(join(work, "root"), options.cacheDir) : { reason };
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  } catch (error) {
    return {
      reason: `fetching the distribution's packages failed (${error instanceof Error ? error.message : error})`,
    };
  }
}

/** Tries the system's package lists, then private ones, in case those are missing or stale. Returns why both failed. */
async function fetchInto(work: string, options: FetchOptions): Promise<string | undefined> {
  const system = await createApt(join(work, "system"), "system", options.env);
  if ((await downloadAndUnpack(system, work, options)) === undefined) return undefined;

  options.onProgress("Reading the distribution's package lists …");
  const own = await createApt(join(work, "private"), "private", options.env);
  const update = await own.update();
  const reason = await downloadAndUnpack(own, work, options);
  // An unreachable package source only matters if the package is still missing. apt's exit code does not say which failed.
  const complaint = update.output.split("\n").find((line) => /^[EW]: /.test(line));
  return reason === undefined || complaint === undefined ? reason : `${reason}; apt-get update said: ${complaint}`;
}

async function downloadAndUnpack(apt: Apt, work: string, options: FetchOptions): Promise<string | undefined> {
  const candidates = await apt.candidates(SERVERS.flatMap(({ server, tools }) => [server, tools]));
  const versions = SERVERS.map((names) => ({ ...names, version: candidates.get(names.server) ?? "" })).map((names) => ({
    ...names,
    rated: parsePackageVersion(names.server, names.version),
  }));
  const chosen = versions.find(({ rated }) => rated?.isSupported);
  if (chosen?.rated === undefined) {
    const old = versions.find(({ rated }) => rated !== undefined);
    if (old?.rated === undefined) return "the distribution's package lists have no redis-server";
    return `the distribution's ${old.server} is ${old.rated.number}, but Telltale needs ${old.rated.minimum} or newer`;
  }

  options.onProgress(`Fetching ${chosen.server} ${chosen.rated.number} from the distribution's packages …`);
  // The server package only has a link to the program, which is in the tools package.
  const packages = [chosen.server, ...(candidates.has(chosen.tools) ? [chosen.tools] : [])];
  const names = [...packages, ...(await missingLibraries(apt, packages, options.env))];
  const debs = join(work, "debs");
  await rm(debs, { recursive: true, force: true });
  await mkdir(debs);
  const download = await apt.download(names, debs);
  if (!download.ok) return `apt-get download failed: ${lastLine(download.output)}`;

  for (const deb of await readdir(debs)) {
    const unpack = await runCommand("dpkg-deb", ["-x", join(debs, deb), join(work, "root")], {
      env: options.env,
      timeoutMs: 60_000,
    });
    if (!unpack.ok) return `dpkg-deb failed: ${lastLine(unpack.output)}`;
  }
  return undefined;
}

/** Moves the unpacked packages into the cache. If another process was faster and its server works, uses that one. */
async function keep(root: string, cacheDir: string): Promise<Search> {
  const fresh = await probeUnpacked(root, "packages");
  if ("reason" in fresh) return fresh;

  const place = await unpackedFolder(cacheDir);
  const wasPlaced = await rename(root, place).then(
    () => true,
    () => false,
  );
  if (wasPlaced) return probeUnpacked(place, "packages");

  const earlier = await probeUnpacked(place, "packages");
  if ("found" in earlier) return earlier;

  await rename(place, `${root}-broken`);
  await rename(root, place);
  return probeUnpacked(place, "packages");
}

/** Removes folders older than an hour, which belong to processes that were killed while fetching. */
async function removeAbandoned(cacheDir: string): Promise<void> {
  for (const name of await readdir(cacheDir)) {
    if (!name.startsWith("fetch-")) continue;
    const path = join(cacheDir, name);
    const entry = await stat(path).catch(() => undefined);
    if (entry !== undefined && Date.now() - entry.mtimeMs > ABANDONED_MS)
      await rm(path, { recursive: true, force: true });
  }
}

function lastLine(output: string): string {
  return output.trim().split("\n").at(-1) ?? "";
}
