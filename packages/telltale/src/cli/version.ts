import { readFileSync } from "node:fs";

/** The version of this package. package.json is two folders above both the source file and the bundle in dist. */
export function packageVersion(): string {
  const manifest: Partial<{ version: string }> = JSON.parse(
    readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
  );
  return manifest.version ?? "unknown";
}
