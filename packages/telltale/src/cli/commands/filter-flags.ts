import { InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { JOB_STATUSES, type JobStatus } from "../../core/index.js";
import type { JobFilter } from "../../core/schemas.js";
import { count, moment } from "../option-parsers.js";

/** The flag of each filter. */
const FLAGS: Readonly<Record<keyof JobFilter, Option>> = {
  status: new Option(
    "--status <status>",
    `only jobs with this status; repeatable: ${JOB_STATUSES.join(", ")}`,
  ).argParser(statuses),
  kind: new Option("--kind <kind>", "only jobs of this kind"),
  queue: new Option("--queue <queue>", "only jobs in this queue").conflicts("kind"),
  owner: new Option("--owner <user>", "only jobs of this user (operators only)"),
  code: new Option("--code <code>", "only jobs whose last error has this code"),
  errorText: new Option("--error <text>", "only jobs whose last error message has this text (operators only)"),
  tag: new Option("--tag <tag>", "only jobs with this tag"),
  tagPrefix: new Option("--tag-prefix <text>", "only jobs with a tag that begins with this text"),
  idPrefix: new Option("--id-prefix <text>", "only jobs whose id begins with this text"),
  minAttempts: new Option("--min-attempts <number>", "only jobs that were attempted at least this often").argParser(
    count,
  ),
  endedFrom: new Option(
    "--since <time>",
    "only jobs that ended at this time or later: 12:00, 2h, 2026-10-01",
  ).argParser(moment),
  endedTo: new Option("--until <time>", "only jobs that ended at this time or earlier").argParser(moment),
  submittedFrom: new Option("--submitted-since <time>", "only jobs submitted at this time or later").argParser(moment),
  submittedTo: new Option("--submitted-until <time>", "only jobs submitted at this time or earlier").argParser(moment),
};

/** The command line flags for the filters of lists and bulk actions. */
export function filterFlags(): Iterable<Option> {
  return Object.values(FLAGS);
}

/** The filter that was set by flags. */
export function readFilterFlags(given: Readonly<Record<string, unknown>>): JobFilter {
  const said = Object.entries(FLAGS).map(([name, flag]) => [name, given[flag.attributeName()]]);
  // The parser of each flag returns the type of its filter.
  return Object.fromEntries(said.filter(([, value]) => value !== undefined)) as JobFilter;
}

/** The flags for a filter, as one writes them in a shell. Times are absolute, so that they mean the same later. */
export function flagsOf(filter: JobFilter): string[] {
  return Object.entries(FLAGS).flatMap(([name, flag]) => {
    const value: unknown = Object.entries(filter).find(([one]) => one === name)?.[1];
    if (value === undefined) return [];
    const text = value instanceof Date ? value.toISOString() : String(value);
    return [flag.long ?? "", /^[\w.,:@/-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`];
  });
}

/** Parses one status or several, separated by commas. */
function statuses(text: string, before: JobStatus[] | undefined): JobStatus[] {
  const named = text.split(",").map((word) => {
    const status = JOB_STATUSES.find((one) => one === word);
    if (status) return status;
    throw new InvalidArgumentError(`Allowed choices are ${JOB_STATUSES.join(", ")}.`);
  });
  return [...new Set([...(before ?? []), ...named])];
}
