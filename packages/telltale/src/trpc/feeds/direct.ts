import type { TrackedEnvelope } from "@trpc/server";

/**
 * Lets events of a subscription skip its generator. tRPC's adapter takes events from the generator one by one, which costs several times
 * as much as writing to the socket. While the generator waits for its next event, everything before has been sent, so the gateway can
 * send that event itself.
 */
export interface Direct {
  /**
   * Sends an event. Returns false if the generator has to yield it. An event with many watchers is the same object for all of them. Null
   * unless a gateway serves this generator itself, as opposed to one of the application's that was made from it.
   */
  send: ((event: TrackedEnvelope<unknown>) => boolean) | null;
}

// Symbol.for, so that a gateway and procedures from two copies of this package work together.
const DIRECT: unique symbol = Symbol.for("telltale.direct");

/** Gives a stream a `Direct`, for the gateway to use. */
export function withDirect<S extends object>(stream: S, direct: Direct): S {
  return Object.assign(stream, { [DIRECT]: direct });
}

/** Returns the `Direct` of a stream, or null if it has none. */
export function directOf(stream: unknown): Direct | null {
  if (typeof stream !== "object" || stream === null || !(DIRECT in stream)) return null;
  return isDirect(stream[DIRECT]) ? stream[DIRECT] : null;
}

function isDirect(value: unknown): value is Direct {
  return typeof value === "object" && value !== null && "send" in value;
}
