import { handle, type ProgressOf } from "telltale";
import { createTelltale } from "telltale/server";
import { createWorker } from "telltale/worker";
import { servePublisher } from "../serve-live.js";
import { live, liveJobs, noop } from "./contracts.js";

type Report = (event: ProgressOf<typeof live>) => void;

servePublisher(async (redis, topics) => {
  const telltale = createTelltale({ jobs: liveJobs, redis });
  const reports = new Map<string, Report>();
  let allRun = (): void => {};
  const running = new Promise<void>((resolve) => {
    allRun = resolve;
  });
  const runLive = handle(live, async ({ job, progress, signal, input }) => {
    reports.set(job.id, progress);
    if (reports.size === topics) allRun();
    // The jobs run until the process ends.
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    return input;
  });
  const runNoop = handle(noop, async ({ input }) => input);
  // By default a job reports ten times a second, and merges what comes sooner. Here every report is sent.
  const options = { concurrency: topics + 100, progressMs: 0 };
  await createWorker({ telltale, handlers: [runLive, runNoop], ...options }).start();
  const handles = await Promise.all(
    Array.from({ length: topics }, (_, n) => telltale.live.submit({ n }, { owner: "watcher" })),
  );
  if (topics > 0) await running;
  return { topics: handles.map(({ id }) => id), publish: (topic, event) => reports.get(topic)?.(event) };
});
