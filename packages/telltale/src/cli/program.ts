import { Command, Option } from "@commander-js/extra-typings";
import { bulkCommand } from "./commands/bulk.js";
import { cancelCommand } from "./commands/cancel.js";
import { cleanCommand, drainCommand, obliterateCommand } from "./commands/drain.js";
import { failuresCommand } from "./commands/failures.js";
import { getCommand } from "./commands/get.js";
import { historyCommand } from "./commands/history.js";
import { listCommand } from "./commands/list.js";
import { logsCommand } from "./commands/logs.js";
import { pauseCommand, resumeCommand } from "./commands/pause.js";
import { queuesCommand } from "./commands/queues.js";
import { rerunCommand } from "./commands/rerun.js";
import { schedulesCommand } from "./commands/schedules.js";
import { submitCommand } from "./commands/submit.js";
import { tokenCommand } from "./commands/token.js";
import { topCommand } from "./commands/top.js";
import { watchCommand } from "./commands/watch.js";
import { workersCommand } from "./commands/workers.js";
import { printable } from "./output/printable.js";
import { packageVersion } from "./version.js";

const AFTER = `
Examples:
  telltale submit judge --file submission.json --wait
  telltale list --status failed
  telltale watch judge_0199e0a1…

If your app mounts the jobs router as appRouter.jobs, pass --router jobs once.
It is remembered for that server after the first command that succeeds.
Without a token you act as an anonymous user, if the server allows it. Your
session is kept per server in ~/.local/state/telltale, so it is the same user in
every command.

Exit codes: 0 success, 1 job failed or cancelled or call rejected, 2 usage
error, 3 no connection, 130 stopped by Ctrl-C.`;

/** Creates the command line program. Parsing throws `CommanderError`, even for --help. */
export function createProgram(): Command {
  const program = new Command("telltale")
    .description("Submit, watch and manage background jobs.")
    .version(packageVersion())
    .addOption(
      new Option("--url <address>", "address of the server").env("TELLTALE_URL").default("http://127.0.0.1:3000"),
    )
    .addOption(new Option("--router <name>", "name of the jobs router, such as jobs").env("TELLTALE_ROUTER"))
    .option("--no-router", "the jobs router is at the root (default)")
    .addOption(new Option("--token <token>", "a JWT, or the token of one job").env("TELLTALE_TOKEN"))
    .option("--json", "print one JSON object per line")
    .addHelpText("after", AFTER);
  const commands = [
    submitCommand(),
    watchCommand(),
    getCommand(),
    listCommand(),
    logsCommand(),
    failuresCommand(),
    cancelCommand(),
    rerunCommand(),
    bulkCommand(),
    topCommand(),
    queuesCommand(),
    historyCommand(),
    pauseCommand(),
    resumeCommand(),
    workersCommand(),
    drainCommand(),
    cleanCommand(),
    obliterateCommand(),
    schedulesCommand(),
    tokenCommand(),
  ];
  for (const command of commands) program.addCommand(command);
  for (const command of [program, ...commands, ...commands.flatMap((one) => one.commands)]) {
    command
      .exitOverride()
      .configureHelp({ showGlobalOptions: true })
      // Error messages quote arguments, which may have been copied from an untrusted source.
      .configureOutput({ writeErr: (text) => void process.stderr.write(printable(text)) })
      .showHelpAfterError(`(see telltale ${command === program ? "" : `${command.name()} `}--help)`);
  }
  return program;
}
