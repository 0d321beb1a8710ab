import { inspect } from "node:util";
import { Command } from "@commander-js/extra-typings";
import { z } from "zod";
import { transformer } from "../../core/index.js";
import { EXIT } from "../exit-code.js";
import { describeError } from "../output/describe-event.js";
import { jsonLine } from "../output/json-line.js";
import { printable } from "../output/printable.js";
import type { Screen } from "../output/screen.js";
import { duration } from "../output/span.js";
import { storyLines } from "../output/story.js";
import { runCommand } from "../run-command.js";

const Failure = z.object({ code: z.string(), message: z.string(), data: z.unknown().optional() });
const Errors = z.array(Failure.extend({ round: z.number(), attempt: z.number(), at: z.number() }));

const EXAMPLES = `
Examples:
  telltale get judge_0199e0a1…
  telltale get judge_0199e0a1… --json | jq .status

The exit code is 0 whatever the job's status. To wait for the job, use watch.`;

/** `telltale get <id>` */
export function getCommand() {
  const command = new Command("get")
    .description("show a job: its state, its attempts with how long they waited and ran, and their errors")
    .argument("<id>", "job id")
    .addHelpText("after", EXAMPLES);
  command.action((id) =>
    runCommand(command, async ({ connection, screen, json }) => {
      const detail = await connection.job(id).get();
      screen.line(json ? jsonLine(detail) : detailText(detail, screen));
      return EXIT.done;
    }),
  );
  return command;
}

/** Formats a job with one line per field, with the field names of the wire format and times as dates. Its story comes last. */
function detailText({ story, ...detail }: object & { readonly story?: unknown }, screen: Screen): string {
  const entries = Object.entries(detail).filter(([, value]) => value !== undefined);
  const width = Math.max(...entries.map(([name]) => name.length));
  const lines = entries.map(([name, value]) => {
    const shown = fieldText(name, value, Math.min(screen.columns(), 120) - width - 2);
    return `${name.padEnd(width)}  ${shown.replaceAll("\n", `\n${" ".repeat(width + 2)}`)}`;
  });
  const text = printable(lines.join("\n"));
  const told = storyLines(story, screen);
  return told === null ? text : [text, "", ...told].join("\n");
}

function fieldText(name: string, value: unknown, breakLength: number): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" && /(^at|At)$/.test(name)) return new Date(value).toISOString();
  if (typeof value === "number" && /Ms$/.test(name)) return duration(value);
  const errors = name === "errors" ? Errors.safeParse(value) : null;
  if (errors?.success) return errors.data.map(attemptText).join("\n") || "none";
  const error = name === "error" ? Failure.safeParse(value) : null;
  if (error?.success) return describeError(error.data) + dataText(error.data.data, breakLength);
  return inspect(transformer.serialize(value).json, { breakLength, depth: 8, maxArrayLength: 100 });
}

// The message includes the whole stack trace, which only operators receive.
function attemptText({ round, attempt, at, code, message }: z.infer<typeof Errors>[number]): string {
  return `${new Date(at).toISOString()} round ${round}, attempt ${attempt}\n${message ? `${code}: ${message}` : code}`;
}

function dataText(data: unknown, breakLength: number): string {
  return data === undefined ? "" : `\n${inspect(transformer.serialize(data).json, { breakLength, depth: 8 })}`;
}
