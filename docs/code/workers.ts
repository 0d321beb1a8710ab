// What docs/workers.md shows. It is compiled with the tests, and each region is a block of that page.
import { handle } from "telltale";
import type { Telltale } from "telltale/server";
import { createWorker, type Middleware, type WorkerOptions } from "telltale/worker";
import { type jobs, render } from "./contracts.js";

// #region handler
export const renderHandler = handle(render, async ({ input, progress, signal, fence, job }) => {
  // Pass the signal to everything that waits, so that a cancel, the timeout or a shutdown ends it.
  const response = await fetch(`https://render.example/${input.video}`, {
    method: "POST",
    headers: { "idempotency-key": job.id, "x-fence": String(fence) },
    signal,
  });
  if (!response.ok) throw new Error(`The renderer returned ${response.status}`); // retried after the backoff
  progress({ frame: 100, of: 100 });
  return { url: await response.text(), renderedAt: new Date() };
});
// #endregion

// #region middleware
const timed: Middleware = async ({ kind, id, attempt }, next) => {
  const startedAt = performance.now();
  try {
    await next(); // rejects with what the handler threw: let it pass
  } finally {
    console.log(kind, id, attempt, `${Math.round(performance.now() - startedAt)} ms`);
  }
};
// #endregion

/** A worker with a middleware. */
export function startWorker(telltale: Telltale<typeof jobs>): ReturnType<typeof createWorker> {
  const options: WorkerOptions = { telltale, handlers: [renderHandler] };
  // #region use
  const worker = createWorker({ ...options, use: [timed], concurrency: 20 });
  // #endregion
  return worker;
}

// #region main
export async function main(telltale: Telltale<typeof jobs>): Promise<void> {
  const worker = createWorker({ telltale, handlers: [renderHandler] });
  await worker.run(); // until SIGTERM or SIGINT, then drains
  await telltale[Symbol.asyncDispose](); // closes the connections, so that the process can end
}
// #endregion

/** What a health check asks. */
// #region liveness
export function isAlive(worker: ReturnType<typeof createWorker>, now: number): boolean {
  const { lastClaimAt, lastExtendAt, lastBeatAt, draining } = worker.liveness;
  return Math.max(lastClaimAt ?? 0, lastExtendAt ?? 0, draining ? (lastBeatAt ?? 0) : 0) > now - 15_000;
}
// #endregion
