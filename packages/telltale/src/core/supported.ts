import { TelltaleError } from "./errors/error.js";

/** The oldest supported versions. A test checks that package.json has the same ones. */
export const OLDEST = {
  node: "20.19.0",
  zod: "4.0.0",
  "@trpc/server": "11.4.0",
  "@trpc/client": "11.4.0",
} as const;

// The part of Node.js's `process` that is used here. It does not exist in browsers.
declare const process: { readonly versions?: { readonly node?: string } } | undefined;

/** Throws `invalid_config` if the Node.js version is too old. Does nothing in a browser. */
export function assertNode(): void {
  assertSupported("node", typeof process === "undefined" ? undefined : process.versions?.node);
}

/**
 * Throws `invalid_config` for a version below the oldest supported one. Accepts undefined, because a bundle does not know the
 * versions of the packages in it.
 */
export function assertSupported(name: keyof typeof OLDEST, found: string | undefined): void {
  if (found === undefined || !isBelow(found, OLDEST[name])) return;
  throw new TelltaleError("invalid_config", `${needOf(name)}, but found ${found}. ${remedyFor(name)}`);
}

function needOf(name: keyof typeof OLDEST): string {
  return name === "node" ? `Telltale needs Node.js ${OLDEST.node} or newer` : `Telltale needs ${name} ^${OLDEST[name]}`;
}

function remedyFor(name: keyof typeof OLDEST): string {
  if (name === "node") return "Install a newer one: https://nodejs.org";
  // tRPC's two packages depend on each other's internals, so they must be updated together.
  const names: readonly (keyof typeof OLDEST)[] = name === "zod" ? ["zod"] : ["@trpc/server", "@trpc/client"];
  return `Update it: npm install ${names.map((one) => `${one}@^${OLDEST[one]}`).join(" ")}`;
}

function isBelow(version: string, oldest: string): boolean {
  const [found, needed] = [version, oldest].map((text) => text.split(/[.-]/).slice(0, 3).map(Number));
  for (const [index, part] of (needed ?? []).entries()) {
    const difference = (found?.[index] ?? 0) - part;
    if (difference !== 0) return difference < 0;
  }
  return false;
}
