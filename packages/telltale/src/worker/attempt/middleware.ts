/** The attempt that a middleware wraps. It includes neither the input nor the output of the job. */
export interface MiddlewareJob {
  readonly kind: string;
  readonly id: string;
  readonly attempt: number;
  readonly fence: number;
  readonly owner: string | null;
  readonly tags: readonly string[];
  readonly signal: AbortSignal;
}

/**
 * Wraps every handler; the first in the list is the outermost. Call `next` exactly once and await it. It rejects with
 * the handler's error, which you must rethrow; otherwise the attempt fails.
 */
export type Middleware = (job: MiddlewareJob, next: () => Promise<void>) => Promise<void>;

/** Runs a handler inside its middleware and returns the handler's result. */
export async function runInside(
  use: readonly Middleware[],
  job: MiddlewareJob,
  handler: () => Promise<unknown>,
): Promise<unknown> {
  const returned: unknown[] = [];

  await layer(0);
  // An attempt whose handler did not run must not complete, even if the contract allows an undefined output.
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
