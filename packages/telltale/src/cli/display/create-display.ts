import type { Context } from "../run-command.js";
import type { Display } from "./display.js";
import { jsonDisplay } from "./json-display.js";
import { lineDisplay } from "./line-display.js";
import { liveDisplay } from "./live-display.js";

/** Creates the display that suits the output: JSON for programs, a live view on a terminal, or lines in a file. */
export function createDisplay(context: Pick<Context, "json" | "screen" | "note">, id: string): Display {
  const { json, screen } = context;
  if (json) return jsonDisplay(screen);
  return screen.isTerminal ? liveDisplay(screen) : lineDisplay(context, id);
}
