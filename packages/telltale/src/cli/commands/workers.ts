import { Command } from "@commander-js/extra-typings";
import { EXIT } from "../exit-code.js";
import { jsonLine } from "../output/json-line.js";
import { printableLine } from "../output/printable.js";
import { span } from "../output/span.js";
import { type Column, table } from "../output/table.js";
import { runCommand } from "../run-command.js";
import { readWorkers, readWorkersDrained, type ToldWorker, type ToldWorkers } from "../server/answers.js";
import { OPERATORS_ONLY } from "./operators-only.js";

const EXAMPLES = `
Examples:
  telltale workers
  telltale workers --jobs
  telltale workers --json | jq 'select(.draining | not) | .name'
  telltale workers drain web-1

A worker describes itself every 5 seconds, and is gone after 15 seconds without
a sign of life. ${OPERATORS_ONLY}`;

const DRAIN_EXAMPLES = `
Example:
  telltale workers drain web-1

The jobs that run now continue, and the process stays up: stop it when the list
shows it as drained. Workers that start later under the name claim jobs again.
${OPERATORS_ONLY}`;

const COLUMNS: readonly Column[] = [
  { title: "NAME" },
  { title: "STATE" },
  { title: "JOBS", right: true },
  { title: "UP", right: true },
  { title: "SEEN", right: true },
  { title: "VERSION" },
  { title: "HOST" },
  { title: "PID", right: true },
  { title: "QUEUES" },
];

const JOB_COLUMNS: readonly Column[] = [
  { title: "JOB" },
  { title: "TRY", right: true },
  { title: "SINCE", right: true },
  { title: "WORKER" },
  { title: "HOST" },
  { title: "PID", right: true },
];

/** How many names of queues a line shows. */
const QUEUES_IN_A_LINE = 5;

/** `telltale workers` and its subcommand `drain`. */
export function workersCommand() {
  return new Command("workers")
    .description("show the workers and what they run, or drain them")
    .addCommand(listCommand(), { isDefault: true })
    .addCommand(drainCommand())
    .addHelpText("after", EXAMPLES);
}

function listCommand() {
  const command = new Command("list")
    .description("show the workers (default)")
    .option("--jobs", "show the jobs that run now, with their workers");
  command.action(({ jobs }) =>
    runCommand(command, async ({ connection, screen, json, note }) => {
      const list = readWorkers(await connection.query("workers.list"));
      const { workers, total } = list;
      const rows = jobs ? workers.flatMap((worker) => jobCells(worker, list)) : workers.map((one) => cells(one, list));
      if (json) for (const worker of workers) screen.line(jsonLine(worker));
      else if (workers.length === 0) note("No workers found.");
      else if (rows.length === 0) note("No jobs are running.");
      else for (const line of table(jobs ? JOB_COLUMNS : COLUMNS, rows, screen)) screen.line(line);
      if (total > workers.length) note(`These are ${workers.length} of ${total} workers.`);
      return EXIT.done;
    }),
  );
  return command;
}

function drainCommand() {
  const command = new Command("drain")
    .description("ask all workers of a name to stop claiming jobs")
    .argument("<name>", "worker name")
    .addHelpText("after", DRAIN_EXAMPLES);
  command.action((name) =>
    runCommand(command, async ({ connection, screen, json }) => {
      const answer = readWorkersDrained(await connection.mutate("workers.drain", { name }));
      const asked = answer.asked === 1 ? "1 worker" : `${answer.asked} workers`;
      screen.line(json ? jsonLine(answer) : `${printableLine(answer.name)}: asked ${asked} to stop claiming jobs`);
      return EXIT.done;
    }),
  );
  return command;
}

function cells(worker: ToldWorker, { at }: ToldWorkers): string[] {
  const { name, draining, runningCount, concurrency, startedAt, lastSeenAt, version, host, pid } = worker;
  const state = draining ? (runningCount > 0 ? "draining" : "drained") : "ready";
  return [
    ...[name, state, `${runningCount}/${concurrency}`, span(at - startedAt), span(at - lastSeenAt)],
    ...[version, host, String(pid), queuesOf(worker)],
  ].map(printableLine);
}

function queuesOf({ queues, queueCount }: ToldWorker): string {
  const shown = queues.slice(0, QUEUES_IN_A_LINE);
  const more = queueCount - shown.length;
  return shown.join(", ") + (more > 0 ? ` and ${more} more` : "");
}

function jobCells({ name, host, pid, running }: ToldWorker, { at }: ToldWorkers): string[][] {
  return running.map(({ id, attempt, since }) =>
    [id, String(attempt), span(at - since), name, host, String(pid)].map(printableLine),
  );
}
