import { Command } from "@commander-js/extra-typings";
import { EXIT } from "../exit-code.js";
import { jsonLine } from "../output/json-line.js";
import { printableLine } from "../output/printable.js";
import { span } from "../output/span.js";
import { table } from "../output/table.js";
import { runCommand } from "../run-command.js";
import { readQueues } from "../server/answers.js";
import { OPERATORS_ONLY } from "./operators-only.js";

const EXAMPLES = `
Examples:
  telltale queues
  telltale queues --json | jq 'select(.jobs.failed > 0) | .queue'

${OPERATORS_ONLY}`;

const COLUMNS = [
  { title: "QUEUE" },
  { title: "STATE" },
  { title: "SCHEDULED", right: true },
  { title: "QUEUED", right: true },
  { title: "RUNNING", right: true },
  { title: "RETRYING", right: true },
  { title: "FAILED", right: true },
  { title: "OLDEST", right: true },
  { title: "COMPLETED", right: true },
  { title: "CANCELLED", right: true },
  { title: "ASIDE", right: true },
];

/** `telltale queues` */
export function queuesCommand() {
  const command = new Command("queues")
    .description("show the number of jobs in each queue by status")
    .addHelpText("after", EXAMPLES);
  command.action(() =>
    runCommand(command, async ({ connection, screen, json, note }) => {
      const queues = readQueues(await connection.query("queues.list"));
      if (json) for (const queue of queues) screen.line(jsonLine(queue));
      else if (queues.length === 0) note("No queues found.");
      else for (const line of table(COLUMNS, queues.map(cells), screen)) screen.line(line);
      return EXIT.done;
    }),
  );
  return command;
}

function cells({
  queue,
  paused,
  hasWorkers,
  jobs,
  oldestQueuedAt,
  at,
  setAside,
}: ReturnType<typeof readQueues>[number]): string[] {
  const { scheduled, queued, running, retrying, failed, completed, cancelled } = jobs;
  return [
    printableLine(queue),
    paused ? "paused" : hasWorkers ? "open" : "no workers",
    ...[scheduled, queued, running, retrying, failed].map(String),
    oldestQueuedAt === null ? "" : span(at - oldestQueuedAt),
    ...[completed, cancelled].map(String),
    setAside === 0 ? "" : String(setAside),
  ];
}
