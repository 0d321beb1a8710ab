import { createRequire } from "node:module";
import * as server from "@trpc/server";
import { assertSupported } from "../core/internal.js";

/**
 * tRPC's `tracked`. Read from the namespace, because tRPC 10 does not export it: a named import would fail before
 * `assertTrpcServer` could say why.
 */
export const { tracked } = server;

/** Throws `invalid_config` if the installed `@trpc/server` is too old. In a bundle, only tRPC 10 can be detected. */
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
