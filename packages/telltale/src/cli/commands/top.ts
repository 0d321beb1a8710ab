import { setTimeout as sleep } from "node:timers/promises";
import { Command, Option } from "@commander-js/extra-typings";
import { createLogUpdate } from "log-update";
import { EXIT } from "../exit-code.js";
import { failureOf } from "../failure.js";
import { onInterrupt } from "../interrupts.js";
import { duration } from "../option-parsers.js";
import { jsonLine } from "../output/json-line.js";
import { type Overview, topLines } from "../output/top-lines.js";
import { type Context, runCommand } from "../run-command.js";
import { readQueues, readWorkers } from "../server/answers.js";
import { OPERATORS_ONLY } from "./operators-only.js";

const EXAMPLES = `
Examples:
  telltale top
  telltale top --every 10s
  telltale top --json | jq '.queues[] | select(.jobs.queued > 1000) | .queue'

The rates are those since the last update. Ctrl-C ends it. In a file or a pipe,
it prints the tables once, and with --json a line for each update.
${OPERATORS_ONLY}`;

const LEAST_MS = 500;

/** `telltale top` */
export function topCommand() {
  const command = new Command("top")
    .description("show queues, rates and workers, again and again")
    .addOption(new Option("--every <duration>", "time between updates").argParser(duration).default(2_000, "2s"))
    .addHelpText("after", EXAMPLES);
  command.action(({ every }) =>
    runCommand(command, async (context) => {
      const { screen, json } = context;
      await using interrupts = onInterrupt(null);
      const { signal } = interrupts;
      // The first read fails at once if there is no server, or if the caller may not see it.
      const first = await read(context);
      if (json)
        await follow(context, {
          first,
          every,
          signal,
          show: ({ now, trouble }) => trouble === undefined && screen.line(jsonLine(now)),
        });
      else if (!screen.isTerminal) for (const line of topLines({ now: first, before: null }, screen)) screen.line(line);
      else await redraw(context, { first, every, signal });
      return EXIT.done;
    }),
  );
  return command;
}

async function read({ connection }: Pick<Context, "connection">): Promise<Overview> {
  const [queues, { workers, total, at }] = await Promise.all([
    connection.query("queues.list").then(readQueues),
    connection.query("workers.list").then(readWorkers),
  ]);
  return { at, queues, workers, workerCount: total };
}

interface Following {
  readonly first: Overview;
  readonly every: number;
  readonly signal: AbortSignal;
  readonly show: (shown: {
    readonly now: Overview;
    readonly before: Overview | null;
    readonly trouble?: string;
  }) => unknown;
}

// While the server cannot be reached, the last figures stay, and are read again.
async function follow(context: Context, { first, every, signal, show }: Following): Promise<void> {
  let [now, before]: [Overview, Overview | null] = [first, null];
  let trouble: string | undefined;
  for (;;) {
    show({ now, before, ...(trouble === undefined ? {} : { trouble }) });
    await sleep(Math.max(every, LEAST_MS), undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
    try {
      [now, before] = [await read(context), now];
      trouble = undefined;
    } catch (error) {
      trouble = failureOf(error, { json: false, url: "" }).text;
    }
  }
}

async function redraw(context: Context, following: Omit<Following, "show">): Promise<void> {
  const { screen } = context;
  const update = createLogUpdate(screen.stream);
  await follow(context, {
    ...following,
    show: ({ trouble, ...shown }) => {
      const lines = topLines(shown, screen);
      if (trouble !== undefined) lines.push("", screen.palette.yellow(trouble));
      // What is higher than the terminal could not be drawn over.
      update(lines.slice(0, (screen.stream.rows || 24) - 1).join("\n"));
    },
  });
  update.done();
}
