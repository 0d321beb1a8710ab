import { readQueuePaused } from "./answers.js";
import { EXIT } from "./exit-code.js";
import { jsonLine } from "./json-line.js";
import { printableLine } from "./printable.js";
import { type Options, runCommand } from "./run-command.js";

/** Pauses or resumes a queue, and says how it stands then. */
export function changeQueue(command: Options, verb: "pause" | "resume", queue: string): Promise<void> {
  return runCommand(command, async ({ connection, screen, json }) => {
    const answer = readQueuePaused(await connection.mutate(`queues.${verb}`, { queue }));
    const said = `${printableLine(answer.queue)} ${answer.paused ? "paused" : "resumed"}`;
    screen.line(json ? jsonLine(answer) : said);
    return EXIT.done;
  });
}
