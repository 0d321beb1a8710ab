import * as client from "@trpc/client";
import { installedTrpcClient } from "#web-socket";
import { assertSupported } from "../../core/internal.js";

/**
 * Read from the namespace, because tRPC 10 does not export it. A named import would already fail when the module is loaded or
 * bundled, before `assertTrpcClient` can explain why.
 */
export const httpSubscriptionLink = client.httpSubscriptionLink;

/** Throws `invalid_config` if the installed `@trpc/client` is too old. In browsers, this only detects tRPC 10. */
export function assertTrpcClient(): void {
  assertSupported("@trpc/client", installedTrpcClient() ?? (httpSubscriptionLink === undefined ? "10" : undefined));
}
