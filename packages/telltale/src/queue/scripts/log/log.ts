import { LOG_LIMITS, type LogLevel } from "../../../core/index.js";
import { listOf, oneOf } from "../checked-reply.js";
import type { Lease } from "../lifecycle/claim.js";
import { leaseArgument } from "../lifecycle/settle.js";
import { defineScript, type ScriptArgument } from "../script.js";

/** A line that a handler logged. */
export interface LoggedLine {
  /** Its number within the attempt, from 1. A number that is left out stands for a line that the worker dropped. */
  readonly number: number;
  /** How long ago it was logged, in whole ms. */
  readonly ageMs: number;
  readonly level: LogLevel;
  /** As JSON, which has no line breaks. */
  readonly message: string;
  /** As JSON, or empty. */
  readonly data: string;
}

/** Lines to append to a job's log, in order. */
export interface LogBatch extends Lease {
  readonly lines: readonly LoggedLine[];
}

const STORED = ["stored", "lease_lost"] as const;

const shape = {
  args: (batches: readonly LogBatch[], clock: string): readonly ScriptArgument[] => [
    ...[clock, LOG_LIMITS.lines, LOG_LIMITS.bytes],
    ...batches.flatMap((batch) => [leaseArgument(batch), batch.lines.length, ...batch.lines.map(lineArgument)]),
  ],
  reply: listOf((word) => oneOf(STORED, word)),
};

function lineArgument({ number, ageMs, level, message, data }: LoggedLine): string {
  return `${number} ${ageMs} ${level}\n${message}${data && `\n${data}`}`;
}

/** Appends lines to the logs of running jobs. */
export const log = defineScript("log", shape);

/** Like `log`, for lines that tell that others could not be stored: it also works while Redis is full. */
export const markLog = defineScript("mark-log", shape);
