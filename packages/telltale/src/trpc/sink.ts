import { TelltaleError } from "../core/index.js";

/**
 * What a procedure may know of the socket it writes to. tRPC's WebSocket adapter never looks at how much of what it sent
 * is still waiting, so a generator has to ask before it yields, and count itself.
 */
export interface Sink {
  /** Whether less is waiting to be sent than the gateway allows. Shared by everything on one socket. */
  writable(): boolean;
  /** Resolves when `writable()` may be true again, when the signal aborts and when the socket is gone. Never rejects. */
  drained(signal: AbortSignal): Promise<void>;
  /**
   * Counts one subscription of a subject on this socket until the returned function is called (twice is once).
   * Throws `too_many` when the socket holds its limit of subscriptions or the subject its limit of sockets.
   */
  admit(subjectId: string): () => void;
}

// Registered, not local: a gateway and procedures that come from two copies of this package must still meet.
const SINK: unique symbol = Symbol.for("telltale.sink");

/**
 * The context with the socket's sink in it, for `sinkOf`. The sink is an own enumerable property, so the `{ ...ctx }` of
 * a middleware keeps it. A plain object is copied; an instance of a class is marked in place, because a copy would lose
 * its private fields, and `invalid_config` is thrown when it is frozen or was marked before for another socket.
 */
export function withSink(ctx: unknown, sink: Sink): object {
  if (ctx === undefined || ctx === null) return { [SINK]: sink };
  if (typeof ctx !== "object") throw new TelltaleError("invalid_config", "createContext must return an object");
  if (isPlain(ctx)) return { ...ctx, [SINK]: sink };
  if (!Object.isExtensible(ctx) || Object.hasOwn(ctx, SINK)) {
    throw new TelltaleError("invalid_config", "createContext must return a new object for every connection");
  }
  return Object.assign(ctx, { [SINK]: sink });
}

/** The sink of a context, or null where the transport paces itself (HTTP, SSE) or another server made the context. */
export function sinkOf(ctx: unknown): Sink | null {
  if (typeof ctx !== "object" || ctx === null || !(SINK in ctx)) return null;
  return isSink(ctx[SINK]) ? ctx[SINK] : null;
}

function isSink(value: unknown): value is Sink {
  return typeof value === "object" && value !== null && "writable" in value && "drained" in value && "admit" in value;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
