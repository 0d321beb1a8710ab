import { jsonLine } from "../output/json-line.js";
import type { Screen } from "../output/screen.js";
import type { Display } from "./display.js";

/** Prints events and chunks as received, one JSON object per line. An event has a `seq` field, a chunk an `n` field. */
export function jsonDisplay(screen: Screen): Display {
  return {
    event: (event) => screen.line(jsonLine(event)),
    chunk: (chunk) => screen.line(jsonLine(chunk)),
    connected() {},
    notice() {},
    pause() {},
    resume() {},
    close() {},
  };
}
