import { Command, Option } from "@commander-js/extra-typings";
import { JOB_STATUSES, type JobSummary, LIMITS } from "../../core/index.js";
import { jobPages } from "../../core/internal.js";
import type { ListInput } from "../../core/schemas.js";
import { EXIT } from "../exit-code.js";
import { count } from "../option-parsers.js";
import { jsonLine } from "../output/json-line.js";
import { printableLine } from "../output/printable.js";
import { span } from "../output/span.js";
import { table } from "../output/table.js";
import { type Context, runCommand } from "../run-command.js";
import { readJobPage } from "../server/answers.js";

const EXAMPLES = `
Examples:
  telltale list --status failed --code timeout
  telltale list --tag nightly --all --json | jq -r .id | xargs -r telltale rerun

Lists your own jobs. Operators see the jobs of all users.`;

const COLUMNS = [
  { title: "ID" },
  { title: "STATUS" },
  { title: "SINCE", right: true },
  { title: "TRY", right: true },
  { title: "ERROR" },
  { title: "TAGS" },
  { title: "OWNER" },
];

/** `telltale list` */
export function listCommand() {
  const command = new Command("list")
    .description("list jobs, newest first")
    .addOption(new Option("--status <status>", "only jobs with this status").choices(JOB_STATUSES))
    .option("--kind <kind>", "only jobs of this kind")
    .addOption(new Option("--queue <queue>", "only jobs in this queue").conflicts("kind"))
    .option("--code <code>", "only jobs whose last error has this code")
    .option("--tag <tag>", "only jobs with this tag")
    .option("--owner <user>", "only jobs of this user (operators only)")
    .option("--limit <number>", "maximum number of jobs to list", count, 20)
    .addOption(new Option("--all", "list all matching jobs").conflicts("limit"))
    .addHelpText("after", EXAMPLES);
  command.action(({ limit, all, ...filters }) =>
    runCommand(command, async (context) => {
      const most = all ? Number.POSITIVE_INFINITY : limit;
      let shown = 0;
      for await (const { jobs } of pagesOf(context, filters, Math.min(most, LIMITS.batch))) {
        const page = jobs.slice(0, most - shown);
        show(context, page, shown === 0);
        shown += page.length;
        if (shown >= most) break;
      }
      if (shown === 0) context.note("No jobs found.");
      return EXIT.done;
    }),
  );
  return command;
}

function pagesOf({ connection }: Context, filters: ListInput, limit: number) {
  return jobPages(undefined, async (cursor) =>
    readJobPage(await connection.query("list", { ...filters, limit, ...(cursor === undefined ? {} : { cursor }) })),
  );
}

function show({ screen, json }: Context, jobs: readonly JobSummary[], isFirst: boolean): void {
  if (json) {
    for (const job of jobs) screen.line(jsonLine(job));
    return;
  }
  const lines = table(COLUMNS, jobs.map(cells), screen);
  for (const line of isFirst ? lines : lines.slice(1)) screen.line(line);
}

function cells(job: JobSummary): string[] {
  return [
    job.id,
    job.status,
    span(Date.now() - job.at),
    String(job.attempt),
    job.error?.code ?? "",
    job.tags.join(","),
    job.owner ?? "",
  ].map(printableLine);
}
