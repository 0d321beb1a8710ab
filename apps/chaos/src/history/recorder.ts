import { openSync, writeSync } from "node:fs";
import type { HistoryEvent } from "./history-event.js";

type Untimed<E> = E extends HistoryEvent ? Omit<E, "t"> : never;

/** Appends one event, with the time. Synchronous: what was written is there, even if the process is killed at once. */
export type Recorder = (event: Untimed<HistoryEvent>) => void;

/** Opens a history for appending. Many processes may write one: a line is a single write to a file opened to append. */
export function openRecorder(path: string): Recorder {
  const file = openSync(path, "a");
  return (event) => void writeSync(file, `${JSON.stringify({ t: Date.now(), ...event })}\n`);
}
