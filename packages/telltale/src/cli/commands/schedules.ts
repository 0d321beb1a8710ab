import { Command, Option } from "@commander-js/extra-typings";
import { PRIORITIES, TelltaleError } from "../../core/index.js";
import { CATCH_UPS } from "../../core/internal.js";
import { EXIT } from "../exit-code.js";
import { duration, repeated } from "../option-parsers.js";
import { jsonLine } from "../output/json-line.js";
import { printableLine } from "../output/printable.js";
import { exactSpan } from "../output/span.js";
import { table } from "../output/table.js";
import { readInput } from "../read-input.js";
import { runCommand } from "../run-command.js";
import { readScheduleRemoved, readScheduleSet, readSchedules, type ToldSchedule } from "../server/answers.js";
import { OPERATORS_ONLY } from "./operators-only.js";

const EXAMPLES = `
Examples:
  telltale schedules
  telltale schedules set judge.nightly --kind judge --file submission.json \\
    --cron '0 3 * * *' --time-zone Europe/Berlin
  telltale schedules set judge.sample --kind judge --file submission.json \\
    --every 10m --catch-up none
  telltale schedules remove judge.sample

${OPERATORS_ONLY}`;

const COLUMNS = [{ title: "NAME" }, { title: "KIND" }, { title: "WHEN" }, { title: "NEXT" }, { title: "CATCH-UP" }];

/** `telltale schedules` and its subcommands `set` and `remove`. */
export function schedulesCommand() {
  return new Command("schedules")
    .description("list, set and remove schedules of recurring jobs")
    .addCommand(listCommand(), { isDefault: true })
    .addCommand(setCommand())
    .addCommand(removeCommand())
    .addHelpText("after", EXAMPLES);
}

function listCommand() {
  const command = new Command("list").description("list all schedules (default)");
  command.action(() =>
    runCommand(command, async ({ connection, screen, json, note }) => {
      const schedules = readSchedules(await connection.query("schedules.list"));
      if (json) for (const schedule of schedules) screen.line(jsonLine(schedule));
      else if (schedules.length === 0) note("No schedules found.");
      else for (const line of table(COLUMNS, schedules.map(cells), screen)) screen.line(line);
      return EXIT.done;
    }),
  );
  return command;
}

function setCommand() {
  const command = new Command("set")
    .description("create a schedule, or replace the one with this name")
    .argument("<name>", "schedule name")
    .requiredOption("--kind <kind>", "kind of the jobs")
    .option("-i, --input <json>", "input of the jobs as JSON")
    .option("-f, --file <path>", "read the input from a JSON file; - is stdin")
    .option("--superjson", "the input is superjson ({json, meta}), which can hold dates")
    .option("--cron <expression>", "five fields: minute, hour, day, month, weekday")
    .option("--time-zone <name>", "IANA time zone for --cron (default: UTC)")
    .addOption(
      new Option("--every <duration>", "fixed interval, 1s to 365d")
        .argParser(duration)
        .conflicts(["cron", "timeZone"]),
    )
    .addOption(
      new Option("--catch-up <rule>", "what to do about runs missed while no worker was up (default: last)").choices(
        CATCH_UPS,
      ),
    )
    .option("--owner <user>", "user who owns the jobs")
    .addOption(new Option("--priority <priority>", "jobs with a higher priority start first").choices(PRIORITIES))
    .option("--tag <tag>", "label for finding the jobs; repeatable", repeated)
    .addHelpText("after", EXAMPLES);
  command.action((name, { input, file, superjson, every, tag, ...rest }) =>
    runCommand(command, async ({ connection, screen, json }) => {
      if ((rest.cron === undefined) === (every === undefined)) {
        throw new TelltaleError("invalid_config", "Give either --cron '<expression>' or --every <duration>");
      }
      const value = await readInput({ input, file, superjson });
      const answer = readScheduleSet(
        await connection.mutate("schedules.set", {
          name,
          input: value,
          ...rest,
          ...(every === undefined ? {} : { everyMs: every }),
          ...(tag === undefined ? {} : { tags: tag }),
        }),
      );
      const said = `${printableLine(answer.name)} runs next at ${answer.next.toISOString()}`;
      screen.line(json ? jsonLine(answer) : said);
      return EXIT.done;
    }),
  );
  return command;
}

function removeCommand() {
  const command = new Command("remove")
    .description("remove a schedule; jobs already submitted are kept")
    .argument("<name>", "schedule name");
  command.action((name) =>
    runCommand(command, async ({ connection, screen, json }) => {
      const answer = readScheduleRemoved(await connection.mutate("schedules.remove", { name }));
      screen.line(json ? jsonLine(answer) : `${name} ${answer.removed ? "removed" : "not found"}`);
      return answer.removed ? EXIT.done : EXIT.failed;
    }),
  );
  return command;
}

function cells({ name, kind, timing, catchUp, next }: ToldSchedule): string[] {
  const when = "cron" in timing ? `${timing.cron} ${timing.timeZone}` : `every ${exactSpan(timing.everyMs)}`;
  return [name, kind, when, next.toISOString(), catchUp].map(printableLine);
}
