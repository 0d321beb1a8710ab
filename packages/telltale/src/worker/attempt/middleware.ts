/** What a middleware is told of an attempt. Neither input nor output: they are the handler's. */
export interface MiddlewareJob {
  readonly kind: string;
  readonly id: string;
  readonly attempt: number;
  readonly fence: number;
  readonly owner: string | null;
  readonly tags: readonly string[];
  readonly signal: AbortSignal;
}

/** Runs around every handler, first of the list outermost. `next` rejects with what the handler threw: throw it on. */
export type Middleware = (job: MiddlewareJob, next: () => Promise<void>) => Promise<void>;

/** Runs a handler inside its middleware and answers what the handler returned. */
export async function runInside(
  use: readonly Middleware[],
  job: MiddlewareJob,
  handler: () => Promise<unknown>,
): Promise<unknown> {
  const returned: unknown[] = [];

  await layer(0);
  // An attempt that nobody ran must not count as completed, even where the contract's output may be undefined.
  if (returned.length === 0) throw new Error("A middleware kept the handler, or its error, back");
  return returned[0];

  async function layer(depth: number): Promise<void> {
    const middleware = use[depth];
    if (!middleware) {
      returned.push(await handler());
      return;
    }
    let isCalled = false;
    await middleware(job, () => {
      if (isCalled) return Promise.reject(new Error("A middleware called next() twice"));
      isCalled = true;
      const inner = layer(depth + 1);
      // A middleware that does not await next() must not turn a failed handler into an unhandled rejection.
      inner.catch(() => {});
      return inner;
    });
  }
}
