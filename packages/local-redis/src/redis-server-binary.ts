import { runCommand } from "./run-command.js";
import { parseServerVersion } from "./server-version.js";

/** A redis-server or valkey-server that starts and is new enough for Telltale's scripts. */
export interface RedisServerBinary {
  readonly path: string;
  /** Environment variables that the program needs: LD_LIBRARY_PATH if its libraries were unpacked with it. */
  readonly env: Readonly<Record<string, string>>;
  /** The version that the server reports, for example "7.0.15". */
  readonly version: string;
  /**
   * Where it was found. "path": on the PATH. "cache": fetched by an earlier call. "packages": fetched by this call.
   */
  readonly source: "path" | "cache" | "packages";
}

/** The result of looking in one place: a server, or the reason why there is none, as a clause of an error message. */
export type Search = { readonly found: RedisServerBinary } | { readonly reason: string };

/** Runs the program with --version. If it does not start or is too old, returns the reason. Never rejects. */
export async function probeServer(candidate: Omit<RedisServerBinary, "version">): Promise<Search> {
  const { ok, output } = await runCommand(candidate.path, ["--version"], {
    env: { ...process.env, ...candidate.env },
    timeoutMs: 10_000,
  });
  if (!ok) return { reason: `${candidate.path} does not start: ${output.trim().split("\n").at(-1)}` };

  const version = parseServerVersion(output);
  if (version === undefined) return { reason: `${candidate.path} does not report its version` };
  if (!version.isSupported) {
    return {
      reason: `${candidate.path} is ${version.name} ${version.number}, but Telltale needs ${version.minimum} or newer`,
    };
  }
  return { found: { ...candidate, version: version.number } };
}
