import { ChunkLines } from "../output/chunk-lines.js";
import { describeEvent } from "../output/describe-event.js";
import type { Screen } from "../output/screen.js";
import type { Display } from "./display.js";

/** One line an event and one a line the job prints, each with its time and the job's id: for files and pipes. */
export function lineDisplay(screen: Screen, id: string): Display {
  const lines = new ChunkLines();
  const say = (at: number, text: string): void => screen.line(`${new Date(at).toISOString()} ${id} ${text}`);
  let newest = 0;
  const rest = (): void => {
    for (const line of lines.rest()) say(newest, `| ${line}`);
  };
  return {
    event(event) {
      rest();
      say(event.at, [event.status, describeEvent(event)].filter((part) => part !== "").join(" "));
    },
    chunk(chunk) {
      newest = chunk.at;
      for (const line of lines.take(chunk)) say(chunk.at, `| ${line}`);
    },
    connected() {
      // Whoever reads a file later has the events.
    },
    pause() {},
    resume() {},
    close: rest,
  };
}
