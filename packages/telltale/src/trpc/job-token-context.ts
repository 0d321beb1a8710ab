// In the global registry, so that a gateway and procedures from two copies of this package work together.
const JOB_TOKEN: unique symbol = Symbol.for("telltale.jobToken");

/**
 * Adds the token of a job, which came in a header, to a context, for `jobTokenOf`. It is an own enumerable property, so the
 * `{ ...ctx }` of a middleware keeps it. A plain object is copied; an instance of a class is modified if that is possible.
 */
export function withJobToken(ctx: unknown, token: string): unknown {
  if (ctx === undefined || ctx === null) return { [JOB_TOKEN]: token };
  if (typeof ctx !== "object") return ctx;
  const prototype: unknown = Object.getPrototypeOf(ctx);
  if (prototype === Object.prototype || prototype === null) return { ...ctx, [JOB_TOKEN]: token };
  return Object.isExtensible(ctx) ? Object.assign(ctx, { [JOB_TOKEN]: token }) : ctx;
}

/** The token of a job that came in a header of the request, or undefined. */
export function jobTokenOf(ctx: unknown): string | undefined {
  if (typeof ctx !== "object" || ctx === null || !(JOB_TOKEN in ctx)) return undefined;
  return typeof ctx[JOB_TOKEN] === "string" ? ctx[JOB_TOKEN] : undefined;
}
