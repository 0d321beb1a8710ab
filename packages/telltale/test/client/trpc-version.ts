import { createRequire } from "node:module";

/** Whether the installed `@trpc/client` is of this minor version or a later one. CI runs these tests with several versions. */
export function isTrpcFrom(major: number, minor: number): boolean {
  const { version }: { version: string } = createRequire(import.meta.url)("@trpc/client/package.json");
  const [found = 0, foundMinor = 0] = version.split(".").map(Number);
  return found > major || (found === major && foundMinor >= minor);
}
