import * as client from "@trpc/client";
import { installedTrpcClient } from "#web-socket";
import { assertSupported } from "../../core/internal.js";

/**
 * What tRPC 10 lacks is taken from the namespace: imported by name, it would end a program, or the build of a page, before
 * `assertTrpcClient` could say why.
 */
export const httpSubscriptionLink = client.httpSubscriptionLink;

/** Throws `invalid_config` when the `@trpc/client` beside this library is too old. In a browser only tRPC 10 can be told. */
export function assertTrpcClient(): void {
  assertSupported("@trpc/client", installedTrpcClient() ?? (httpSubscriptionLink === undefined ? "10" : undefined));
}
