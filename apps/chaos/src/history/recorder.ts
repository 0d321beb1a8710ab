import { openSync, writeSync } from "node:fs";
import type { HistoryEvent } from "./history-event.js";

type Untimed<E> = E extends HistoryEvent ? Omit<E, "t"> : never;

/** Appends one event with the current time. Synchronous, so a process that is killed right after has written it. */
export type Recorder = (event: Untimed<HistoryEvent>) => void;

/** Opens a history for appending. Several processes may share it, because each line is a single append. */
export function openRecorder(path: string): Recorder {
  const file = openSync(path, "a");
  return (event) => void writeSync(file, `${JSON.stringify({ t: Date.now(), ...event })}\n`);
}
