import { Command, Option } from "@commander-js/extra-typings";
import { PRIORITIES, TelltaleError } from "../../core/index.js";
import { CATCH_UPS } from "../../core/internal.js";
import { readScheduleRemoved, readScheduleSet, readSchedules, type ToldSchedule } from "../answers.js";
import { EXIT } from "../exit-code.js";
import { jsonLine } from "../json-line.js";
import { duration, repeated } from "../option-parsers.js";
import { printableLine } from "../printable.js";
import { readInput } from "../read-input.js";
import { runCommand } from "../run-command.js";
import { exactSpan } from "../span.js";
import { table } from "../table.js";

const EXAMPLES = `
Examples:
  telltale schedules
  telltale schedules set judge.nightly --kind judge --file submission.json \\
    --cron '0 3 * * *' --time-zone Europe/Berlin
  telltale schedules set judge.sample --kind judge --file submission.json \\
    --every 10m --catch-up none
  telltale schedules remove judge.sample

For operators: see telltale token --help. What a cron expression means is in
docs/schedules.md.`;

const COLUMNS = [{ title: "NAME" }, { title: "KIND" }, { title: "WHEN" }, { title: "NEXT" }, { title: "CATCH-UP" }];

/** `telltale schedules`, and below it `set` and `remove`. */
export function schedulesCommand() {
  return new Command("schedules")
    .description("jobs that are made again and again; set and remove them")
    .addCommand(listCommand(), { isDefault: true })
    .addCommand(setCommand())
    .addCommand(removeCommand())
    .addHelpText("after", EXAMPLES);
}

function listCommand() {
  const command = new Command("list").description("all schedules; the default");
  command.action(() =>
    runCommand(command, async ({ connection, screen, json, note }) => {
      const schedules = readSchedules(await connection.query("schedules.list"));
      if (json) for (const schedule of schedules) screen.line(jsonLine(schedule));
      else if (schedules.length === 0) note("No schedules.");
      else for (const line of table(COLUMNS, schedules.map(cells), screen)) screen.line(line);
      return EXIT.done;
    }),
  );
  return command;
}

function setCommand() {
  const command = new Command("set")
    .description("keep a schedule under a name, in place of the one that has it")
    .argument("<name>", "its name")
    .requiredOption("--kind <kind>", "the contract of its jobs")
    .option("-i, --input <json>", "their input")
    .option("-f, --file <path>", "a file with their input as JSON; - is stdin")
    .option("--superjson", "the input is superjson, {json, meta}, which has dates")
    .option("--cron <expression>", "five fields: minute, hour, day, month, day of the week")
    .option("--time-zone <name>", "where the clock hangs, such as Europe/Berlin (default: UTC)")
    .addOption(new Option("--every <duration>", "1s to 365d").argParser(duration).conflicts(["cron", "timeZone"]))
    .addOption(new Option("--catch-up <rule>", "of instants at which nobody could fire").choices(CATCH_UPS))
    .option("--owner <subject>", "whom the jobs belong to")
    .addOption(new Option("--priority <word>", "before or after others").choices(PRIORITIES))
    .option("--tag <tag>", "to find its jobs by; can be repeated", repeated)
    .addHelpText("after", EXAMPLES);
  command.action((name, { input, file, superjson, every, tag, ...rest }) =>
    runCommand(command, async ({ connection, screen, json }) => {
      if ((rest.cron === undefined) === (every === undefined)) {
        throw new TelltaleError("invalid_config", "Say when: --cron '<expression>' or --every <duration>");
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
      const said = `${printableLine(answer.name)} fires next at ${answer.next.toISOString()}`;
      screen.line(json ? jsonLine(answer) : said);
      return EXIT.done;
    }),
  );
  return command;
}

function removeCommand() {
  const command = new Command("remove")
    .description("remove a schedule; the jobs it made stay")
    .argument("<name>", "its name");
  command.action((name) =>
    runCommand(command, async ({ connection, screen, json }) => {
      const answer = readScheduleRemoved(await connection.mutate("schedules.remove", { name }));
      screen.line(json ? jsonLine(answer) : `${name} ${answer.removed ? "removed" : "was not there"}`);
      return answer.removed ? EXIT.done : EXIT.failed;
    }),
  );
  return command;
}

function cells({ name, kind, timing, catchUp, next }: ToldSchedule): string[] {
  const when = "cron" in timing ? `${timing.cron} ${timing.timeZone}` : `every ${exactSpan(timing.everyMs)}`;
  return [name, kind, when, next.toISOString(), catchUp].map(printableLine);
}
