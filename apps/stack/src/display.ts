import type { judge } from "@telltale/contracts";
import cliTruncate from "cli-truncate";
import { createLogUpdate } from "log-update";
import colors from "picocolors";
import type { JobEvent } from "telltale";

/** The stream to write to: stdout, which may be a terminal. */
export type Output = NodeJS.WritableStream & Readonly<{ isTTY?: boolean; columns: number; rows: number }>;

/** Shows jobs while they run. */
export interface Display {
  add(name: string): void;
  event(name: string, event: JobEvent<typeof judge>): void;
  /** Shows text that the job printed. */
  printed(name: string, text: string): void;
  note(text: string): void;
  close(): void;
}

/** One live row per job on a terminal that has room for `jobs` of them; otherwise one line per event. */
export function createDisplay(stream: Output, jobs: number): Display {
  const isLive = stream.isTTY && process.env.TERM !== "dumb" && stream.rows > jobs + 1;
  return isLive ? rows(stream) : lines(stream);
}

/** Describes an event in a few words. */
function describe(event: JobEvent<typeof judge>): string {
  switch (event.status) {
    case "running":
      return event.progress ? `running ${event.progress.passed}/${event.progress.total}` : "running";
    case "retrying":
      return `waiting to retry (${event.error.code})`;
    case "completed":
      return event.output.verdict;
    case "failed":
      return `failed (${event.error.code})`;
    default:
      return event.status;
  }
}

const NAME_WIDTH = 26;

const BAR_WIDTH = 20;

/** The state of one row. */
interface Row {
  share: number;
  state: string;
}

/** Shows one row per job at the bottom of the screen, redrawn on each change. Notes scroll above the rows. */
function rows(stream: Output): Display {
  const update = createLogUpdate(stream);
  const shown = new Map<string, Row>();
  const draw = (): void => {
    // A row that wraps would take two lines.
    update([...shown].map(([name, row]) => cliTruncate(rowText(name, row), stream.columns)).join("\n"));
  };
  stream.on("resize", draw);
  return {
    add: (name) => {
      shown.set(name, { share: 0, state: colors.dim("queued") });
      draw();
    },
    event: (name, event) => {
      const row = shown.get(name);
      if (!row) return;
      const progress = progressOf(event);
      if (progress) row.share = progress.passed / Math.max(progress.total, 1);
      row.state = event.status === "completed" ? colors.green(describe(event)) : describe(event);
      draw();
    },
    printed: () => {
      // There is no room for it in a row. `lines` shows it.
    },
    note: (text) => {
      update.persist(text);
      draw();
    },
    close: () => {
      stream.off("resize", draw);
      update.done();
    },
  };
}

function rowText(name: string, { share, state }: Row): string {
  const full = Math.round(share * BAR_WIDTH);
  return `${name.padEnd(NAME_WIDTH)} ${"█".repeat(full)}${"░".repeat(BAR_WIDTH - full)} ${state}`;
}

function lines(stream: Output): Display {
  const say = (name: string, text: string): void => void stream.write(`${name.padEnd(NAME_WIDTH)} ${text}\n`);
  return {
    add: () => {
      // The first event shows the job.
    },
    event: (name, event) => say(name, describe(event)),
    printed: (name, text) => {
      for (const line of text.trimEnd().split("\n")) say(name, `  | ${printable(line)}`);
    },
    note: (text) => void stream.write(`${text}\n`),
    close: () => {
      // There is nothing to restore.
    },
  };
}

function progressOf(event: JobEvent<typeof judge>): { passed: number; total: number } | undefined {
  if (event.status === "running") return event.progress;
  return event.status === "completed" ? event.output : undefined;
}

// The output of an untrusted program must not control the terminal.
function printable(text: string): string {
  return text.replace(/[^\P{C}\t]/gu, "�").slice(0, 100);
}
