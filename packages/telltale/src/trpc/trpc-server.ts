import { createRequire } from "node:module";
import * as server from "@trpc/server";
import { assertSupported } from "../core/internal.js";

/**
 * Taken from the namespace, because tRPC 10 does not export it. A named import would fail to load, before `assertTrpcServer` could
 * explain why.
 */
export const { tracked } = server;

/** Throws `invalid_config` if the installed `@trpc/server` is too old. A bundle does not know its version. */
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
