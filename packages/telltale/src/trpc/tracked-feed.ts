import type { AnyTRPCSubscriptionProcedure, TRPCDefaultErrorShape, TRPCSubscriptionProcedure } from "@trpc/server";

/**
 * Returns a subscription of tracked events with its type written out, as a client sees it. tRPC infers a type whose name the
 * oldest supported version does not export: with that one, events would have no type.
 */
// No alias for the type, because applications that emit declarations could not name it.
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
