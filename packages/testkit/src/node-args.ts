import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

/** The arguments with which Node runs TypeScript, and this workspace's packages from their sources, without a build. */
export function nodeArgs(...args: readonly string[]): string[] {
  return [...FROM_SOURCE, ...args];
}

const FROM_SOURCE = [
  "--conditions=@telltale/source",
  "--import",
  pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href,
];
