import type { Context } from "../run-command.js";
import type { Display } from "./display.js";
import { jsonDisplay } from "./json-display.js";
import { lineDisplay } from "./line-display.js";
import { liveDisplay } from "./live-display.js";

/** Creates the display that suits the output: JSON for programs, a live view on a terminal, or lines in a file. */
export function createDisplay({ json, screen }: Pick<Context, "json" | "screen">, id: string): Display {
  if (json) return jsonDisplay(screen);
  return screen.isTerminal ? liveDisplay(screen) : lineDisplay(screen, id);
}
