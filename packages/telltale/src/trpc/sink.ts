import { TelltaleError } from "../core/index.js";

/** The caller to whom a connection belongs. */
export interface Caller {
  readonly id: string;
  readonly expiresAt?: Date | undefined;
}

/**
 * The connection that a procedure writes to. tRPC's WebSocket adapter does not check how much is still waiting to be sent. So a
 * generator must check it before it yields, and must register itself as a subscription.
 */
export interface Sink {
  readonly transport: "ws" | "http";
  /** The caller's address, for the limits per address. */
  readonly address: string;
  /**
   * Tells the gateway who the caller is, so that it can end the connection when the caller's credentials expire or are revoked.
   */
  identify(caller: Caller): void;
  /** Whether fewer bytes are waiting to be sent than the gateway allows. All subscriptions of a socket share this limit. */
  writable(): boolean;
  /** Resolves when `writable()` may be true again, the signal aborts, or the socket closes. Never rejects. */
  drained(signal: AbortSignal): Promise<void>;
  /**
   * Registers a subscription of a subject on this connection. Call the returned function when it ends; calling it twice is safe.
   * Throws `too_many` if the connection has reached its limit of subscriptions, or the subject its limit of connections.
   */
  admit(subjectId: string): () => void;
}

// Symbol.for, so that a gateway and procedures from two copies of this package work together.
const SINK: unique symbol = Symbol.for("telltale.sink");

/**
 * Adds a socket's sink to a context, where `sinkOf` finds it. The sink is an own enumerable property, so that `{ ...ctx }` in a
 * middleware keeps it. Plain objects are copied. Instances of classes are modified, because a copy would lose their private
 * fields. Throws `invalid_config` if such an instance is frozen, or is already used for another socket.
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

/**
 * Adds the sink of an HTTP response to a context. The context is modified rather than copied if possible, because it may compute
 * its properties when they are read. An instance of a class that is frozen, or used for several requests, gets no sink.
 */
export function withResponseSink(ctx: unknown, sink: Sink): unknown {
  if (ctx === undefined || ctx === null) return { [SINK]: sink };
  if (typeof ctx !== "object") return ctx;
  const isFresh = Object.isExtensible(ctx) && !Object.hasOwn(ctx, SINK);
  if (isFresh) return Object.assign(ctx, { [SINK]: sink });
  if (isPlain(ctx)) {
    const own = { value: sink, enumerable: true, configurable: true, writable: true };
    return Object.create(Object.getPrototypeOf(ctx), { ...Object.getOwnPropertyDescriptors(ctx), [SINK]: own });
  }
  if (Object.isExtensible(ctx)) Reflect.deleteProperty(ctx, SINK);
  return ctx;
}

/** Returns the sink of a context, or null if it was not created by the gateway. */
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
