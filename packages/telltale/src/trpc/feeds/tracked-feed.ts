import type { AnyTRPCSubscriptionProcedure, TRPCDefaultErrorShape, TRPCSubscriptionProcedure } from "@trpc/server";

/**
 * Returns a subscription of tracked events with an explicit type, as a client sees it. tRPC would infer a type whose name its
 * oldest supported version does not export, so with that version events would have no type.
 */
// The type is written out twice, because applications that emit declarations could not name an alias.
export function trackedFeed<I, E>(
  feed: TRPCSubscriptionProcedure<{
    input: I;
    output: AsyncIterable<{ id: string; data: E }, void, unknown>;
    meta: object;
    errorShape: TRPCDefaultErrorShape;
  }>,
): TRPCSubscriptionProcedure<{
  input: I;
  output: AsyncIterable<{ id: string; data: E }, void, unknown>;
  meta: object;
  errorShape: TRPCDefaultErrorShape;
}>;
export function trackedFeed(feed: AnyTRPCSubscriptionProcedure): AnyTRPCSubscriptionProcedure {
  return feed;
}
