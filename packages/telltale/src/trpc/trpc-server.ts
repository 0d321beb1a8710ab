import { createRequire } from "node:module";
import * as server from "@trpc/server";
import { assertSupported } from "../core/internal.js";

/**
 * What tRPC 10 lacks is taken from the namespace: imported by name, it would end a program while it is loaded, before
 * `assertTrpcServer` could say why.
 */
export const { tracked } = server;

/** Throws `invalid_config` when the `@trpc/server` beside this library is too old. A bundle has none to be asked. */
export function assertTrpcServer(): void {
  assertSupported("@trpc/server", installedVersion() ?? (tracked === undefined ? "10" : undefined));
}

function installedVersion(): string | undefined {
  try {
    const { version }: { version?: string } = createRequire(import.meta.url)("@trpc/server/package.json");
    return version;
  } catch {
    return undefined;
  }
}
