import { setTimeout as delay } from "node:timers/promises";
import { AttemptAborted, type HandlerContext, handle } from "telltale";
import { createTelltale } from "telltale/server";
import { createWorker } from "telltale/worker";
import { openRecorder } from "./history/recorder.js";
import { jobs, LEASE_MS, PARTS, STRAY, turn, work } from "./work.js";

// A worker of the harness. Its handler does what the job's input says and records its start and end.

const record = openRecorder(process.env.CHAOS_HISTORY ?? "");

type Context = HandlerContext<typeof work> | HandlerContext<typeof turn>;

async function run({ input, attempt, fence, signal, progress, log, fail, job, submit }: Context) {
  const about = { type: "exec", job: job.id, n: input.n, fence, attempt, pid: process.pid } as const;
  record({ ...about, phase: "start" });
  let child: string | undefined;
  try {
    if (attempt === 1) block(input.blockMs);
    // Without a stack, so that the message is in the part of the output that is recorded.
    if (attempt === 1 && input.isStray) void Promise.reject(Object.assign(new Error(STRAY), { stack: STRAY }));
    if (input.hasChild) child = (await submit(work, { ...input, failures: 0, isBroken: false, hasChild: false })).id;
    for (let part = 1; part <= PARTS; part++) {
      await delay(input.ms / PARTS, undefined, { signal });
      progress({ part });
      log.info("part", { fence, part });
    }
    if (input.isBroken) throw fail("broken", { n: input.n });
    if (attempt <= input.failures) throw new Error(`Attempt ${attempt} fails because its input says so`);
  } catch (error) {
    const cause = signal.reason instanceof AttemptAborted ? `aborted:${signal.reason.cause}` : "failed";
    record({ ...about, phase: "finish", outcome: cause });
    throw error;
  }
  record({ ...about, phase: "finish", outcome: "completed", child });
  return { n: input.n, fence };
}

const telltale = createTelltale({ jobs, redis: JSON.parse(process.env.CHAOS_REDIS ?? "{}"), logger: false }); // the faults are deliberate
const worker = createWorker({
  telltale,
  handlers: [handle(work, run), handle(turn, run)],
  concurrency: 4,
  leaseMs: LEASE_MS,
  graceMs: 1_000,
  pollMs: 300,
});
void worker.start().then(
  () => process.stdout.write("ready\n"),
  // `run` rejects with the same error.
  () => {},
);
await worker.run();
await telltale[Symbol.asyncDispose]();
process.exit();

function block(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}
