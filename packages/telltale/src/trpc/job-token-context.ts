// Symbol.for, so that a gateway and procedures from two copies of this package work together.
const JOB_TOKEN: unique symbol = Symbol.for("telltale.jobToken");

/**
 * Adds the job token of a request's header to a context, where `jobTokenOf` finds it. It is an own enumerable property, so that
 * `{ ...ctx }` in a middleware keeps it. A plain object is copied. An instance of a class is modified, unless it is frozen.
 */
export function withJobToken(ctx: unknown, token: string): unknown {
  if (ctx === undefined || ctx === null) return { [JOB_TOKEN]: token };
  if (typeof ctx !== "object") return ctx;
  const prototype: unknown = Object.getPrototypeOf(ctx);
  if (prototype === Object.prototype || prototype === null) return { ...ctx, [JOB_TOKEN]: token };
  return Object.isExtensible(ctx) ? Object.assign(ctx, { [JOB_TOKEN]: token }) : ctx;
}

/** Returns the job token from the request's header, or undefined if there is none. */
export function jobTokenOf(ctx: unknown): string | undefined {
  if (typeof ctx !== "object" || ctx === null || !(JOB_TOKEN in ctx)) return undefined;
  return typeof ctx[JOB_TOKEN] === "string" ? ctx[JOB_TOKEN] : undefined;
}
