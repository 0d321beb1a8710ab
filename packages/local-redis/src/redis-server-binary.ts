import { runCommand } from "./run-command.js";
import { parseServerVersion } from "./server-version.js";

/** A redis-server or valkey-server that was run once and is new enough for Telltale's scripts. */
export interface RedisServerBinary {
  readonly path: string;
  /** What this program needs in its own environment: LD_LIBRARY_PATH when its libraries were unpacked beside it. */
  readonly env: Readonly<Record<string, string>>;
  /** As the server reports it, for example "7.0.15". */
  readonly version: string;
  /** "path": found on the PATH. "cache": unpacked by an earlier call. "packages": fetched from the distribution just now. */
  readonly source: "path" | "cache" | "packages";
}

/** What looking for a server in one place came to: a server, or the reason why not, as a clause people can read. */
export type Search = { readonly found: RedisServerBinary } | { readonly reason: string };

/** Runs the program with --version; anything that does not start, or is too old, becomes a reason. */
export async function probeServer(candidate: Omit<RedisServerBinary, "version">): Promise<Search> {
  const { ok, output } = await runCommand(candidate.path, ["--version"], {
    env: { ...process.env, ...candidate.env },
    timeoutMs: 10_000,
  });
  if (!ok) return { reason: `${candidate.path} does not start: ${output.trim().split("\n").at(-1)}` };

  const version = parseServerVersion(output);
  if (version === undefined) return { reason: `${candidate.path} does not say which version it is` };
  if (!version.isSupported) {
    return {
      reason: `${candidate.path} is ${version.name} ${version.number}, and ${version.minimum} is the oldest that works`,
    };
  }
  return { found: { ...candidate, version: version.number } };
}
