import { Command } from "@commander-js/extra-typings";
import type { FailureGroup } from "../../core/index.js";
import { EXIT } from "../exit-code.js";
import { jsonLine } from "../output/json-line.js";
import { printableLine } from "../output/printable.js";
import { span } from "../output/span.js";
import { table } from "../output/table.js";
import { runCommand } from "../run-command.js";
import { readFailures } from "../server/answers.js";
import { OPERATORS_ONLY } from "./operators-only.js";

const EXAMPLES = `
Examples:
  telltale failures
  telltale failures --json | jq -r .code

Counts the failed jobs that are still kept. A + after the number means that only
the newest 20,000 jobs with the code were counted.
${OPERATORS_ONLY}`;

const COLUMNS = [
  { title: "QUEUE" },
  { title: "KIND" },
  { title: "CODE" },
  { title: "JOBS", right: true },
  { title: "FIRST", right: true },
  { title: "LAST", right: true },
];

/** `telltale failures` */
export function failuresCommand() {
  const command = new Command("failures")
    .description("group failed jobs by kind and error code")
    .addHelpText("after", EXAMPLES);
  command.action(() =>
    runCommand(command, async ({ connection, screen, json, note }) => {
      const groups = readFailures(await connection.query("failures"));
      if (json) for (const group of groups) screen.line(jsonLine(group));
      else if (groups.length === 0) note("No failed jobs found.");
      else for (const line of table(COLUMNS, groups.map(cells), screen)) screen.line(line);
      return EXIT.done;
    }),
  );
  return command;
}

function cells({ queue, kind, code, count, firstAt, lastAt, isPartial }: FailureGroup): string[] {
  const now = Date.now();
  return [
    queue,
    kind,
    code,
    `${count}${isPartial ? "+" : ""}`,
    `${span(now - firstAt)} ago`,
    `${span(now - lastAt)} ago`,
  ].map(printableLine);
}
