import { jsonLine } from "../output/json-line.js";
import type { Screen } from "../output/screen.js";
import type { Display } from "./display.js";

/** Events and chunks as they came over the wire, one JSON object a line: an event has a `seq`, a chunk an `n`. */
export function jsonDisplay(screen: Screen): Display {
  return {
    event: (event) => screen.line(jsonLine(event)),
    chunk: (chunk) => screen.line(jsonLine(chunk)),
    connected() {},
    pause() {},
    resume() {},
    close() {},
  };
}
