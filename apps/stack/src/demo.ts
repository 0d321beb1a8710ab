import type { JobHandle } from "@telltale/client";
import { createClient } from "@telltale/client";
import type { jobs, judge, Verdict } from "@telltale/contracts";
import { createTcpProxy } from "@telltale/testkit";
import Table from "cli-table3";
import colors from "picocolors";
import { createDisplay, type Display } from "./display.js";
import { startStack } from "./stack.js";
import { readSubmissions, type Submission } from "./submission.js";

interface Judged {
  readonly submission: Submission;
  /** The verdict, or how the job ended without one. */
  readonly verdict: Verdict | string;
  readonly passed: string;
  readonly attempts: number;
  readonly events: number;
  readonly ms: number;
}

const NO_LINES = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  right: "",
  "right-mid": "",
  middle: "",
  "mid-mid": "─",
};

const kill = process.argv.includes("--kill");
const startedAt = performance.now();

try {
  process.exitCode = (await demo()) ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function demo(): Promise<boolean> {
  const submissions = await readSubmissions();
  const display = createDisplay(process.stdout);
  await using stack = await startStack({
    port: 0,
    workers: 2,
    // With a worker to be killed, its jobs should not be waited for for half a minute.
    env: { LOG_LEVEL: "debug", ...(kill ? { LEASE_MS: "3000" } : {}) },
    onStep: (text) => console.log(colors.dim(text)),
    onLine: (line) => {
      if (!line.startsWith("{")) display.note(colors.dim(line));
    },
  });
  // The watchers reach the server through a relay whose connections can be cut.
  await using relay = await createTcpProxy({ target: { port: stack.port } });
  await using client = createClient<typeof jobs>({ url: `http://127.0.0.1:${relay.port}` });
  console.log(`\nSubmitting ${submissions.length} programs to two workers; each is watched live.\n`);

  const fault = kill ? strike(stack.workers, relay, display) : Promise.resolve();
  const judged = await Promise.all(
    submissions.map(async (submission) => {
      display.add(submission.name);
      const job = await client.judge.submit({
        problem: submission.problem,
        language: "javascript",
        source: submission.source,
      });
      return watch(submission, job, display);
    }),
  );
  await fault;
  display.close();
  return report(judged);
}

/** Follows one job to its end over the wire. */
async function watch(submission: Submission, job: JobHandle<typeof judge>, display: Display): Promise<Judged> {
  const from = performance.now();
  const printing = (async () => {
    for await (const chunk of job.chunks()) {
      display.printed(submission.name, chunk.truncated ? "… (the rest was dropped)" : chunk.data.text);
    }
  })();
  let events = 0;
  let attempts = 0;
  let verdict: Judged["verdict"] = "no verdict";
  let passed = "";
  for await (const event of job.watch()) {
    events += 1;
    attempts = event.attempt;
    display.event(submission.name, event);
    if (event.status === "completed") {
      verdict = event.output.verdict;
      passed = `${event.output.passed}/${event.output.total}`;
    } else if (event.status === "failed") verdict = `failed: ${event.error.code}`;
    else if (event.status === "cancelled") verdict = "cancelled";
  }
  await printing;
  return { submission, verdict, passed, attempts, events, ms: performance.now() - from };
}

/** Kills the first worker that begins an attempt, and cuts every watcher's connection at the same moment. */
async function strike(
  workers: Awaited<ReturnType<typeof startStack>>["workers"],
  relay: Awaited<ReturnType<typeof createTcpProxy>>,
  display: Display,
): Promise<void> {
  const victim = await Promise.race(
    workers.map(async (worker) => {
      await worker.next((record) => record.msg === "attempt started");
      return worker;
    }),
  );
  display.note(
    colors.yellow(`!! SIGKILL for ${victim.name} (${victim.pid}) in mid-job; ${relay.connections} connections cut`),
  );
  victim.crash();
  relay.cutAll();
}

function report(judged: readonly Judged[]): boolean {
  const table = new Table({
    head: ["submission", "verdict", "tests", "attempts", "events", "ms"],
    colAligns: ["left", "left", "right", "right", "right", "right"],
    // Rules between the columns would push it over eighty.
    chars: NO_LINES,
    style: { head: [], border: [], compact: true, "padding-left": 0, "padding-right": 2 },
  });
  for (const { submission, verdict, passed, attempts, events, ms } of judged) {
    const told =
      verdict === submission.expected ? colors.green(verdict) : colors.red(`${verdict}, not ${submission.expected}`);
    table.push([submission.name, told, passed, attempts, events, Math.round(ms)]);
  }
  console.log(`\n${table.toString()}`);
  const wrong = judged.filter(({ submission, verdict }) => verdict !== submission.expected).length;
  const retried = judged.filter(({ attempts }) => attempts > 1).length;
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  const again = kill ? `, ${retried} run again after the kill` : "";
  console.log(`\n${judged.length - wrong} of ${judged.length} verdicts as expected${again}, in ${seconds} s`);
  if (kill && retried === 0) console.log(colors.red("No job was run again, so nothing was shown to recover."));
  return wrong === 0 && !(kill && retried === 0);
}
