import { defineJob, defineJobs, defineQueue, exponential, handle } from "telltale";
import { z } from "zod";

// #region render
export const render = defineJob("render", {
  input: z.object({ video: z.string(), format: z.enum(["mp4", "webm"]).default("mp4") }),
  progress: z.object({ frame: z.int(), of: z.int() }),
  chunk: z.object({ line: z.string() }),
  output: z.object({ url: z.url(), renderedAt: z.date() }),
  errors: { no_such_video: z.object({ video: z.string() }) },
  retry: { attempts: 5, backoff: exponential("2s", { max: "5m" }) },
  timeout: "20m",
});
export const jobs = defineJobs(render);
// #endregion

// #region handler
export const renderHandler = handle(render, async ({ input, progress, chunk, signal, fail, retryAfter }) => {
  const video = await find(input.video, signal);
  if (!video) throw fail("no_such_video", { video: input.video }); // ends the job: no retry helps
  if (video.isStillUploading) throw retryAfter("30s"); // another attempt, later
  for (let frame = 1; frame <= video.frames; frame++) {
    signal.throwIfAborted(); // cancelled, timed out, lease lost, or shutting down
    progress({ frame, of: video.frames });
  }
  chunk({ line: `encoded as ${input.format}` });
  return { url: `https://cdn.example/${input.video}.${input.format}`, renderedAt: new Date() };
});
// #endregion

// #region queue
const gpu = defineQueue("gpu", { concurrency: 4, rate: { max: 100, per: "1m" }, maxWaiting: 10_000 });

export const upscale = defineJob("upscale", {
  input: z.object({ tenant: z.string(), image: z.string() }),
  output: z.object({ url: z.url() }),
  queue: gpu,
  limits: { concurrency: { key: (input) => input.tenant, max: 2 } },
});
// #endregion

// #region sensitive
export const pay = defineJob("pay", {
  input: z.object({ card: z.object({ number: z.string(), cvc: z.string(), holder: z.string() }) }),
  output: z.object({ receipt: z.string() }),
  sensitive: ["card.number", "card.cvc"],
});
// #endregion

// #region moved
export const newsletter = defineJob("newsletter", {
  input: z.object({ issue: z.int() }),
  output: z.object({ sent: z.int() }),
  queue: "bulk",
  formerQueues: ["mail"],
});
// #endregion

// #region version
export const resize = defineJob("resize", {
  version: 2, // 1 had only a width
  input: z.object({ width: z.int(), height: z.int() }),
  upgrade: { 1: (old: { width: number }) => ({ width: old.width, height: old.width }) },
  output: z.object({ bytes: z.int() }),
});
// #endregion

interface Video {
  readonly frames: number;
  readonly isStillUploading: boolean;
}

declare function find(id: string, signal: AbortSignal): Promise<Video | null>;
