import { setTimeout as sleep } from "node:timers/promises";
import { Command, Option } from "@commander-js/extra-typings";
import { createLogUpdate } from "log-update";
import { EXIT } from "../exit-code.js";
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
and with --json, it prints what there is now, without rates, and ends.
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
      // The first read fails at once if there is no server, or if the caller may not see it.
      const first = await read(context);
      if (json) screen.line(jsonLine(first));
      else if (!screen.isTerminal) for (const line of topLines({ now: first, before: null }, screen)) screen.line(line);
      else {
        await using interrupts = onInterrupt(null);
        await redraw(context, { first, every, signal: interrupts.signal });
      }
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

interface Redrawing {
  readonly first: Overview;
  readonly every: number;
  readonly signal: AbortSignal;
}

// While the server does not answer, the last figures stay.
async function redraw(context: Context, { first, every, signal }: Redrawing): Promise<void> {
  const { screen } = context;
  const update = createLogUpdate(screen.stream);
  let [now, before]: [Overview, Overview | null] = [first, null];
  let hasAnswered = true;
  while (!signal.aborted) {
    const lines = topLines({ now, before }, screen);
    if (!hasAnswered) lines.unshift(screen.palette.yellow("The server does not answer. Trying again."));
    // What is higher than the terminal could not be drawn over.
    update(lines.slice(0, (screen.stream.rows || 24) - 1).join("\n"));
    await sleep(Math.max(every, LEAST_MS), undefined, { signal }).catch(() => {});
    try {
      [now, before] = [await read(context), now];
      hasAnswered = true;
    } catch {
      hasAnswered = false;
    }
  }
  update.done();
}
