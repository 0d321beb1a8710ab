import { JOB_STATUSES, type JobStatus, PRIORITIES, type Priority } from "../../core/index.js";

/** What a job was submitted with: the field `job` of its record. */
export interface JobLine {
  /** Redis's time at the submit, ms since 1970. */
  readonly createdAt: number;
  readonly kind: string;
  /** The maximum number of attempts in a round. */
  readonly attempts: number;
  readonly priority: Priority;
  readonly version: number;
  /** The other options as they are stored, by their names. */
  readonly options: ReadonlyMap<string, string>;
}

/** Where a job is: the field `state` of its record. */
export interface StateLine {
  readonly status: JobStatus;
  readonly seq: number;
  readonly rev: number;
  /** Redis's time at the newest transition, ms since 1970. */
  readonly at: number;
  readonly round: number;
  readonly attempt: number;
  readonly fence: number;
  /** What not every job has, by name, such as `settled`. */
  readonly marks: ReadonlyMap<string, string>;
}

const NONE: ReadonlyMap<string, string> = new Map();

/** Parses the field `job`. Throws if it is malformed. */
export function parseJobLine(text: string): JobLine {
  const end = text.indexOf("\n");
  const [createdAt = "", kind = "", attempts = "", priority = "", version = "", ...more] = (
    end < 0 ? text : text.slice(0, end)
  ).split(" ");
  const word = PRIORITIES.find((one) => one === priority);
  if (kind === "" || word === undefined || more.length > 0) throw malformed("job", text);
  return {
    createdAt: number(createdAt),
    kind,
    attempts: number(attempts),
    priority: word,
    version: number(version),
    options:
      end < 0
        ? NONE
        : new Map(
            text
              .slice(end + 1)
              .split("\n")
              .map(pair),
          ),
  };
}

/** Parses the field `state`. Throws if it is malformed. */
export function parseStateLine(text: string): StateLine {
  const [word = "", seq = "", rev = "", at = "", round = "", attempt = "", fence = "", ...marks] = text.split(" ");
  const status = JOB_STATUSES.find((one) => one === word);
  if (status === undefined) throw malformed("state", text);
  return {
    status,
    seq: number(seq),
    rev: number(rev),
    at: number(at),
    round: number(round),
    attempt: number(attempt),
    fence: number(fence),
    marks: marks.length > 0 ? new Map(marks.map(pair)) : NONE,
  };
}

function pair(text: string): [name: string, value: string] {
  const at = text.indexOf("=");
  return [text.slice(0, at), text.slice(at + 1)];
}

function number(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw malformed("number", text);
  return Number(text);
}

function malformed(what: string, text: string): TypeError {
  return new TypeError(`The record of a job has a malformed ${what}: ${JSON.stringify(text.slice(0, 100))}`);
}
