import { retryLink } from "@trpc/client";
import type { AnyTRPCRouter } from "@trpc/server";
import { ERROR_CODES } from "telltale";
import type { JobHandle } from "telltale/client";
import { createClient, toTelltaleError } from "telltale/client";
import type { Telltale } from "telltale/server";
import type { jobs, render } from "./contracts.js";

// #region watch
export async function show(job: JobHandle<typeof render>): Promise<void> {
  for await (const now of job.watch()) {
    switch (now.status) {
      case "scheduled":
      case "queued":
        console.log("waiting");
        break;
      case "running":
        console.log(`attempt ${now.attempt}`, now.progress ? `${now.progress.frame} of ${now.progress.of}` : "");
        break;
      case "retrying":
        console.log(`${now.error.code}; waiting to retry`);
        break;
      case "completed":
        console.log(now.output.url, now.output.renderedAt.toISOString());
        break;
      case "failed":
        console.log(now.error.code === "no_such_video" ? `no ${now.error.data.video}` : now.error.message);
        break;
      case "cancelled":
        console.log(now.reason ?? "cancelled");
    }
  }
}
// #endregion

// #region result
export async function render4k(url: string): Promise<string> {
  await using client = createClient<typeof jobs>({ url, router: "jobs" });
  const job = await client.render.submit({ video: "v1", format: "webm" });
  const result = await job.result();
  if (result.ok) return result.output.url;
  if (result.status === "cancelled") return "nobody wanted it";
  return result.error.code; // "no_such_video" | "handler_error" | "timeout" | …
}
// #endregion

// #region chunks
export async function showOutput(job: JobHandle<typeof render>): Promise<void> {
  for await (const { attempt, n, data } of job.chunks()) {
    console.log(attempt, n, data ? data.line : "(the rest was dropped: over 1 MB)");
  }
}
// #endregion

// #region connection
export async function showWithConnection(job: JobHandle<typeof render>, stop: AbortSignal): Promise<void> {
  const onConnection = (state: string): void => console.log(state); // connecting, live, reconnecting, waiting, closed
  for await (const now of job.watch({ signal: stop, onConnection })) {
    if (now.reset) console.log("start over from this one");
  }
}
// #endregion

// #region resume
export async function showRest(job: JobHandle<typeof render>, kept: Map<string, string>): Promise<void> {
  const watch = job.watch({ after: kept.get(job.id) });
  for await (const now of watch) {
    console.log(now.seq, now.status);
    if (watch.position) kept.set(job.id, watch.position);
  }
}
// #endregion

// #region retry
/** A link for the beginning of `links`: resumes subscriptions after errors that a retry can fix. */
export const retrySubscriptions = retryLink<AnyTRPCRouter>({
  retry: ({ op, error }) => op.type === "subscription" && ERROR_CODES[toTelltaleError(error).code].retry,
  retryDelayMs: (attempt) => Math.min(10_000, 250 * 2 ** attempt) * (0.5 + Math.random() / 2),
});
// #endregion

// #region share
export async function share(url: string): Promise<void> {
  await using ann = createClient<typeof jobs>({ url, router: "jobs" });
  await using bob = createClient<typeof jobs>({ url, router: "jobs" });
  const { id, token } = await ann.render.submit({ video: "v1" });

  await show(bob.render.job(id, { token })); // without the token: not_found
}
// #endregion

// #region process
export async function onServer(telltale: Telltale<typeof jobs>, id: string): Promise<void> {
  const job = telltale.render.job(id); // the process that has Redis needs no token and no socket
  for await (const now of job.watch()) console.log(now.status);
}
// #endregion
