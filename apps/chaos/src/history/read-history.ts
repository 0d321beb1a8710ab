import { readFileSync } from "node:fs";
import { HistoryEvent } from "./history-event.js";

/** The events of a history file, in the order they were written. Throws for a line that is not a history event. */
export function readHistory(path: string): HistoryEvent[] {
  return readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => HistoryEvent.parse(JSON.parse(line)));
}
