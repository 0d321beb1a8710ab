import { readFileSync } from "node:fs";

/** The version of this package. Its package.json is two folders up from the sources, and from the bundle in dist. */
export function packageVersion(): string {
  const manifest: Partial<{ version: string }> = JSON.parse(
    readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
  );
  return manifest.version ?? "unknown";
}
