/** The version of a server, and whether Telltale's scripts run on it. */
export interface ServerVersion {
  readonly name: "Redis" | "Valkey";
  readonly number: string;
  readonly isSupported: boolean;
  /** The oldest version of this server that understands script flags (`#!lua flags=…`). */
  readonly minimum: string;
}

const MINIMUM = { Redis: [7, 0], Valkey: [7, 2] } as const;

/** Parses the output of `redis-server --version`. Returns undefined if it contains no version. */
export function parseServerVersion(output: string): ServerVersion | undefined {
  const number = /\bv=(\d+\.\d+\.\d+)/.exec(output)?.[1];
  return number === undefined ? undefined : rateVersion(/valkey/i.test(output) ? "Valkey" : "Redis", number);
}

/** Parses the version of a Debian package, such as `5:7.0.15-1~deb12u10`. Returns undefined if it is malformed. */
export function parsePackageVersion(packageName: string, version: string): ServerVersion | undefined {
  const number = /^(?:\d+:)?(\d+\.\d+\.\d+)/.exec(version)?.[1];
  return number === undefined ? undefined : rateVersion(packageName.startsWith("valkey") ? "Valkey" : "Redis", number);
}

function rateVersion(name: ServerVersion["name"], number: string): ServerVersion {
  const [major = 0, minor = 0] = number.split(".").map(Number);
  const [minMajor, minMinor] = MINIMUM[name];
  const isSupported = major > minMajor || (major === minMajor && minor >= minMinor);
  return { name, number, isSupported, minimum: `${minMajor}.${minMinor}` };
}
