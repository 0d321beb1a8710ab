import { Command, Option } from "@commander-js/extra-typings";
import { type JobPage, type JobSummary, LIMITS } from "../../core/index.js";
import { LIST_ORDERS } from "../../core/internal.js";
import type { ListInput } from "../../core/schemas.js";
import { EXIT } from "../exit-code.js";
import { count } from "../option-parsers.js";
import { jsonLine } from "../output/json-line.js";
import { printableLine } from "../output/printable.js";
import { span, took } from "../output/span.js";
import { table } from "../output/table.js";
import { type Context, runCommand } from "../run-command.js";
import { readJobPage } from "../server/answers.js";
import { filterFlags, readFilterFlags } from "./filter-flags.js";

const EXAMPLES = `
Examples:
  telltale list --status failed --code timeout
  telltale list --status failed --since 12:00 --error "no space left"
  telltale list --status completed --since 1h --sort slowest
  telltale list --tag nightly --all --json | jq -r .id | xargs -r telltale rerun

Lists your own jobs. Operators see the jobs of all users.
--sort slowest sorts by the time from submit to end or, for jobs that have not
ended, by the time in their status. It looks at the newest 5,000 jobs, and with
--all at all of them.`;

const COLUMNS = [
  { title: "ID" },
  { title: "STATUS" },
  { title: "SINCE", right: true },
  { title: "TOOK", right: true },
  { title: "TRY", right: true },
  { title: "ERROR" },
  { title: "TAGS" },
  { title: "OWNER" },
];

/** `telltale list` */
export function listCommand() {
  const command = new Command("list").description("list jobs, newest first");
  for (const flag of filterFlags()) command.addOption(flag);
  command
    .addOption(new Option("--sort <order>", "the order of the list").choices(LIST_ORDERS).default("newest" as const))
    .option("--limit <number>", "maximum number of jobs to list", count, 20)
    .addOption(new Option("--all", "list all matching jobs").conflicts("limit"))
    .addHelpText("after", EXAMPLES)
    .action(({ limit, all = false, sort, ...flags }) =>
      runCommand(command, (context) => {
        const filters = readFilterFlags(flags);
        if (sort === "slowest") return listSlowest(context, filters, { limit, all });
        return listNewest(context, filters, all ? Number.POSITIVE_INFINITY : limit);
      }),
    );
  return command;
}

async function listNewest(context: Context, filters: ListInput, most: number): Promise<number> {
  let shown = 0;
  for await (const { jobs } of pagesOf(context, { ...filters, limit: Math.min(most, LIMITS.batch) })) {
    const page = jobs.slice(0, most - shown);
    if (page.length > 0) show(context, page, shown === 0);
    shown += page.length;
    if (shown >= most) break;
  }
  if (shown === 0) context.note("No jobs found.");
  return EXIT.done;
}

async function listSlowest(
  context: Context,
  filters: ListInput,
  { limit, all }: Readonly<{ limit: number; all: boolean }>,
): Promise<number> {
  let slowest: JobSummary[] = [];
  let hasMore = false;
  for await (const { jobs, cursor } of pagesOf(context, { ...filters, sort: "slowest" })) {
    slowest = [...slowest, ...jobs].sort((a, b) => (b.tookMs ?? 0) - (a.tookMs ?? 0)).slice(0, limit);
    hasMore = cursor !== null;
    if (!all) break;
  }
  if (slowest.length > 0) show(context, slowest, true);
  else context.note("No jobs found.");
  if (hasMore) context.note("There are more jobs. Add --all to look at all of them.");
  return EXIT.done;
}

/** Reads page by page, also empty ones, and says on a terminal how far a long search has come. */
async function* pagesOf({ connection, screen, note }: Context, input: ListInput): AsyncGenerator<JobPage, void> {
  let seen = 0;
  let cursor: string | null | undefined;
  while (cursor !== null) {
    const page = readJobPage(await connection.query("list", { ...input, ...(cursor === undefined ? {} : { cursor }) }));
    seen += page.seen ?? 0;
    yield page;
    cursor = page.cursor;
    if (screen.isTerminal && page.jobs.length === 0 && cursor !== null) note(`Looked at ${seen} jobs so far.`);
  }
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
    job.tookMs === undefined ? "" : took(job.tookMs),
    String(job.attempt),
    job.error?.code ?? "",
    job.tags.join(","),
    job.owner ?? "",
  ].map(printableLine);
}
