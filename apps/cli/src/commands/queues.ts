import { Command } from "@commander-js/extra-typings";
import type { QueueStats } from "@telltale/core";
import { readQueuePaused, readQueues } from "../answers.js";
import { EXIT } from "../exit-code.js";
import { jsonLine } from "../json-line.js";
import { printableLine } from "../printable.js";
import { runCommand } from "../run-command.js";
import { span } from "../span.js";
import { table } from "../table.js";

const EXAMPLES = `
Examples:
  telltale queues
  telltale queues pause judge
  telltale queues --json | jq 'select(.jobs.failed > 0) | .queue'

For operators: see telltale token --help.`;

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

/** `telltale queues`, and below it `pause` and `resume`. */
export function queuesCommand() {
  const list = new Command("list").description("how many jobs each queue has in each status; the default");
  list.action(() =>
    runCommand(list, async ({ connection, screen, json, note }) => {
      const queues = readQueues(await connection.query("queues.list"));
      if (json) for (const queue of queues) screen.line(jsonLine(queue));
      else if (queues.length === 0) note("No queues.");
      else for (const line of table(COLUMNS, queues.map(cells), screen)) screen.line(line);
      return EXIT.done;
    }),
  );
  return new Command("queues")
    .description("how queues are doing; pause and resume them")
    .addCommand(list, { isDefault: true })
    .addCommand(change("pause", "hand out nothing more; what runs goes on"))
    .addCommand(change("resume", "hand out jobs again"))
    .addHelpText("after", EXAMPLES);
}

function change(verb: "pause" | "resume", description: string) {
  const command = new Command(verb).description(description).argument("<queue>", "its name");
  command.action((queue) =>
    runCommand(command, async ({ connection, screen, json }) => {
      const answer = readQueuePaused(await connection.mutate(`queues.${verb}`, { queue }));
      const said = `${printableLine(answer.queue)} ${answer.paused ? "paused" : "resumed"}`;
      screen.line(json ? jsonLine(answer) : said);
      return EXIT.done;
    }),
  );
  return command;
}

function cells({ queue, paused, jobs, oldestQueuedAt, at, setAside }: QueueStats): string[] {
  const { scheduled, queued, running, retrying, failed, completed, cancelled } = jobs;
  return [
    printableLine(queue),
    paused ? "paused" : "open",
    ...[scheduled, queued, running, retrying, failed].map(String),
    oldestQueuedAt === null ? "" : span(at - oldestQueuedAt),
    ...[completed, cancelled].map(String),
    setAside === 0 ? "" : String(setAside),
  ];
}
