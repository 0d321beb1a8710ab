import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

/** Returns arguments for Node that run TypeScript and this workspace's packages from their sources, followed by `args`. */
export function nodeArgs(...args: readonly string[]): string[] {
  return [...FROM_SOURCE, ...args];
}

const FROM_SOURCE = [
  "--conditions=@telltale/source",
  "--import",
  pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href,
];
