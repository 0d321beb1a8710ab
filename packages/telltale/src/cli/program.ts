import { readFileSync } from "node:fs";
import { Command, Option } from "@commander-js/extra-typings";
import { z } from "zod";
import { cancelCommand } from "./commands/cancel.js";
import { getCommand } from "./commands/get.js";
import { listCommand } from "./commands/list.js";
import { pauseCommand } from "./commands/pause.js";
import { queuesCommand } from "./commands/queues.js";
import { rerunCommand } from "./commands/rerun.js";
import { resumeCommand } from "./commands/resume.js";
import { schedulesCommand } from "./commands/schedules.js";
import { submitCommand } from "./commands/submit.js";
import { tokenCommand } from "./commands/token.js";
import { watchCommand } from "./commands/watch.js";
import { printable } from "./printable.js";

const Manifest = z.object({ version: z.string() });

const AFTER = `
Examples:
  telltale submit judge --file submission.json --wait
  telltale list --status failed
  telltale watch judge_0199e0a1…

Without a token you are an anonymous session, kept for you alone below
~/.local/state/telltale, one for each server.
Exit codes: 0 done or completed, 1 failed, cancelled or refused, 2 bad usage,
3 no connection, 130 Ctrl-C.`;

/** The whole command line. Its parser throws `CommanderError`, also for help. */
export function createProgram(): Command {
  const program = new Command("telltale")
    .description("Submits, watches and manages jobs.")
    .version(Manifest.parse(JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"))).version)
    .addOption(new Option("--url <address>", "the server").env("TELLTALE_URL").default("http://127.0.0.1:3000"))
    .addOption(new Option("--token <token>", "a JWT, or a job's token").env("TELLTALE_TOKEN"))
    .option("--json", "one JSON object a line, with the names of the wire")
    .addHelpText("after", AFTER);
  const commands = [
    submitCommand(),
    watchCommand(),
    getCommand(),
    listCommand(),
    cancelCommand(),
    rerunCommand(),
    queuesCommand(),
    pauseCommand(),
    resumeCommand(),
    schedulesCommand(),
    tokenCommand(),
  ];
  for (const command of commands) program.addCommand(command);
  for (const command of [program, ...commands, ...commands.flatMap((one) => one.commands)]) {
    command
      .exitOverride()
      .configureHelp({ showGlobalOptions: true })
      // What was typed may have been pasted from anywhere.
      .configureOutput({ writeErr: (text) => void process.stderr.write(printable(text)) })
      .showHelpAfterError(`(telltale ${command === program ? "" : `${command.name()} `}--help says more)`);
  }
  return program;
}
