import type { judge } from "@telltale/contracts";
import { MultiBar, type SingleBar } from "cli-progress";
import colors from "picocolors";
import type { JobEvent } from "telltale";

/** Shows jobs while they run. */
export interface Display {
  add(name: string): void;
  event(name: string, event: JobEvent<typeof judge>): void;
  /** A line the job printed. */
  printed(name: string, text: string): void;
  note(text: string): void;
  close(): void;
}

/** Bars on a terminal that has room for `rows` of them, one line an event otherwise. */
export function createDisplay(stream: NodeJS.WriteStream, rows: number): Display {
  return stream.isTTY && stream.rows > rows + 1 ? bars(stream) : lines(stream);
}

/** What an event says, in a few words. */
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

function bars(stream: NodeJS.WriteStream): Display {
  const multi = new MultiBar({
    format: `{name} {bar} {state}`,
    barsize: 20,
    barCompleteChar: "█",
    barIncompleteChar: "░",
    hideCursor: true,
    // A job's state is an event, not a speed: every change is drawn.
    fps: 30,
    stream,
  });
  const shown = new Map<string, SingleBar>();
  return {
    add: (name) => {
      shown.set(name, multi.create(1, 0, { name: name.padEnd(NAME_WIDTH), state: colors.dim("queued") }));
    },
    event: (name, event) => {
      const bar = shown.get(name);
      if (!bar) return;
      const state = event.status === "completed" ? colors.green(describe(event)) : describe(event);
      const progress = progressOf(event);
      if (progress) bar.setTotal(Math.max(progress.total, 1));
      if (progress) bar.update(progress.passed, { state });
      else bar.update({ state });
    },
    printed: () => {
      // There is no room beside the bars; without a terminal it is shown.
    },
    note: (text) => multi.log(`${text}\n`),
    close: () => {
      multi.update();
      multi.stop();
    },
  };
}

function lines(stream: NodeJS.WriteStream): Display {
  const say = (name: string, text: string): void => void stream.write(`${name.padEnd(NAME_WIDTH)} ${text}\n`);
  return {
    add: () => {
      // Its first event says so.
    },
    event: (name, event) => say(name, describe(event)),
    printed: (name, text) => {
      for (const line of text.trimEnd().split("\n")) say(name, `  | ${printable(line)}`);
    },
    note: (text) => void stream.write(`${text}\n`),
    close: () => {
      // Nothing is held.
    },
  };
}

function progressOf(event: JobEvent<typeof judge>): { passed: number; total: number } | undefined {
  if (event.status === "running") return event.progress;
  return event.status === "completed" ? event.output : undefined;
}

// What a stranger's program prints must not steer the terminal it is shown on.
function printable(text: string): string {
  return text.replace(/[^\P{C}\t]/gu, "�").slice(0, 100);
}
