import { TelltaleError } from "../core/index.js";

/** Whose connection it is. */
export interface Caller {
  readonly id: string;
  readonly expiresAt?: Date | undefined;
}

/**
 * The connection that a procedure writes to. tRPC's WebSocket adapter does not check how much is still waiting to be sent, so a
 * generator must check that before it yields, and must count as a subscription itself.
 */
export interface Sink {
  readonly transport: "ws" | "http";
  /** The address by which the caller is counted. */
  readonly address: string;
  /** Tells the gateway whose connection it is, so that it can end it when the caller's credentials expire or are revoked. */
  identify(caller: Caller): void;
  /** Whether less is waiting to be sent than the gateway allows. All subscriptions of a socket share this. */
  writable(): boolean;
  /** Resolves when `writable()` may be true again, the signal aborts, or the socket closes. Never rejects. */
  drained(signal: AbortSignal): Promise<void>;
  /**
   * Counts a subscription of a subject on this connection until the returned function is called, which is safe to call twice.
   * Throws `too_many` if the connection has its limit of subscriptions, or the subject its limit of connections.
   */
  admit(subjectId: string): () => void;
}

// In the global registry, so that a gateway and procedures from two copies of this package work together.
const SINK: unique symbol = Symbol.for("telltale.sink");

/**
 * Adds the socket's sink to a context, for `sinkOf`. The sink is an own enumerable property, so the `{ ...ctx }` of a middleware
 * keeps it. Plain objects are copied. Instances of classes are modified, because a copy would lose their private fields; throws
 * `invalid_config` if such an instance is frozen, or is already used for another socket.
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
 * Adds the sink of an HTTP response to a context. An object of a class that is frozen or shared by several requests is left without
 * one. Otherwise the object stays the same, because it may compute its properties when they are read.
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

/** The sink of a context, or null if another server than the gateway created it. */
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
