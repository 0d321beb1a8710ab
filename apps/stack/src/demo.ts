import type { jobs, judge, Verdict } from "@telltale/contracts";
import { createTcpProxy, type TcpProxy } from "@telltale/testkit";
import Table from "cli-table3";
import colors from "picocolors";
import type { JobEvent } from "telltale";
import type { JobHandle } from "telltale/client";
import { createClient } from "telltale/client";
import type { Child } from "./child.js";
import { createDisplay, type Display } from "./display.js";
import { type Stack, startStack } from "./stack.js";
import { readSubmissions, type Submission } from "./submission.js";

interface Judged {
  readonly submission: Submission;
  /** The verdict, or how the job ended without one. */
  readonly verdict: Verdict | string;
  readonly attempts: number;
  readonly events: number;
  /** How often the watcher reconnected. */
  readonly reconnects: number;
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

/** A submission that takes seconds, so that a worker can be killed while it runs. */
const LONG = "takes-its-time";

const LIMIT_MS = 120_000;

const kill = process.argv.includes("--kill");
const startedAt = performance.now();

// Exit explicitly, because connections that were cut can keep the process busy.
process.exit(await exitCode());

async function exitCode(): Promise<number> {
  try {
    return (await demo()) ? 0 : 1;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 1;
  }
}

async function demo(): Promise<boolean> {
  const submissions = await readSubmissions();
  const display = createDisplay(process.stdout, submissions.length);
  await using stack = await startStack({
    port: 0,
    workers: 2,
    // With --kill, short leases, so that the jobs of the killed worker do not wait for half a minute.
    env: { LOG_LEVEL: "debug", ...(kill ? { LEASE_MS: "3000" } : {}) },
    onStep: (text) => console.log(colors.dim(text)),
    onLine: (line) => {
      if (!line.startsWith("{")) display.note(colors.dim(line));
    },
  });
  // The watchers reach the server through a relay whose connections can be cut.
  await using relay = await createTcpProxy({ target: { port: stack.port } });
  endOnSignal({ stack, relay, display });
  await using client = createClient<typeof jobs>({ url: `http://127.0.0.1:${relay.port}` });
  console.log(`\nSubmitting ${submissions.length} programs to two workers and watching each of them live.\n`);

  const limit = setTimeout(() => {
    display.note(colors.red(`Not all programs were judged within ${LIMIT_MS / 1_000} s. Giving up.`));
    // Rejects every pending watch and submit.
    void client.close();
  }, LIMIT_MS);
  const onEvent = kill ? strike(stack, relay, display) : () => {};
  const judged = await Promise.all(
    submissions.map(async (submission) => {
      display.add(submission.name);
      const job = await client.judge.submit({
        problem: submission.problem,
        language: "javascript",
        source: submission.source,
      });
      return watch(submission, job, { display, onEvent });
    }),
  );
  clearTimeout(limit);
  display.close();
  return report(judged);
}

/** On Ctrl-C, restores the terminal and stops everything before this process exits. A second Ctrl-C exits at once. */
function endOnSignal({ stack, relay, display }: Readonly<{ stack: Stack; relay: TcpProxy; display: Display }>): void {
  const end = async (code: number): Promise<void> => {
    display.close();
    // First, because a draining server waits for its watchers to leave.
    await relay.stop();
    await stack.stop();
    process.exit(code);
  };
  process.once("SIGINT", () => void end(130));
  process.once("SIGTERM", () => void end(143));
}

/** Watches one job to its end. */
async function watch(
  submission: Submission,
  job: JobHandle<typeof judge>,
  { display, onEvent }: Readonly<{ display: Display; onEvent: ReturnType<typeof strike> }>,
): Promise<Judged> {
  const from = performance.now();
  const printing = (async () => {
    for await (const chunk of job.chunks()) {
      display.printed(submission.name, chunk.truncated ? "… (the rest was dropped)" : chunk.data.text);
    }
  })();
  let events = 0;
  let reconnects = 0;
  const onConnection = (state: string): void => {
    if (state === "reconnecting") reconnects += 1;
  };
  let attempts = 0;
  let verdict: Judged["verdict"] = "no verdict";
  for await (const event of job.watch({ onConnection })) {
    events += 1;
    attempts = event.attempt;
    display.event(submission.name, event);
    onEvent(submission, event);
    if (event.status === "completed") verdict = event.output.verdict;
    else if (event.status === "failed") verdict = `failed: ${event.error.code}`;
    else if (event.status === "cancelled") verdict = "cancelled";
  }
  await printing;
  return { submission, verdict, attempts, events, reconnects, ms: performance.now() - from };
}

/**
 * When the long job reports progress, it runs and its watchers are connected. Then kills the worker that runs it and
 * cuts every connection at the same moment.
 */
function strike(
  stack: Stack,
  relay: TcpProxy,
  display: Display,
): (submission: Submission, event: JobEvent<typeof judge>) => void {
  const runs = new Map<unknown, Child>();
  for (const worker of stack.workers) {
    worker.onRecord((record) => {
      if (record.msg === "attempt started") runs.set(record.id, worker);
    });
  }
  let hasStruck = false;
  return ({ name }, event) => {
    if (hasStruck || name !== LONG || event.status !== "running" || !event.progress?.passed) return;
    const victim = runs.get(event.id);
    if (!victim) return;
    hasStruck = true;
    display.note(colors.yellow(`!! killed ${victim.name} (${victim.pid}) mid-job and cut every watcher's connection`));
    victim.crash();
    relay.cutAll();
  };
}

function report(judged: readonly Judged[]): boolean {
  const table = new Table({
    head: ["submission", "verdict", "expected", "attempts", "events", "ms"],
    colAligns: ["left", "left", "left", "right", "right", "right"],
    // Lines between the columns would make the table wider than 80 characters.
    chars: NO_LINES,
    style: { head: [], border: [], compact: true, "padding-left": 0, "padding-right": 2 },
  });
  for (const { submission, verdict, attempts, events, ms } of judged) {
    const told = verdict === submission.expected ? colors.green(verdict) : colors.red(verdict);
    table.push([submission.name, told, submission.expected, attempts, events, Math.round(ms)]);
  }
  // Removes the padding after the last column, which would wrap at 80 characters.
  console.log(`\n${table.toString().replace(/ +$|──$/gm, "")}`);
  const wrong = judged.filter(({ submission, verdict }) => verdict !== submission.expected).length;
  const retried = judged.filter(({ attempts }) => attempts > 1).length;
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  console.log(`\n${judged.length - wrong} of ${judged.length} verdicts as expected, in ${seconds} s`);
  const cut = judged.filter(({ reconnects }) => reconnects > 0).length;
  if (kill) console.log(`${counted(retried, "job")} ran again after the kill, ${counted(cut, "watcher")} reconnected`);
  if (kill && retried === 0) console.log(colors.red("No job ran again, so the demo did not show a recovery."));
  return wrong === 0 && !(kill && retried === 0);
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
