import { ChunkLines } from "../output/chunk-lines.js";
import { describeEvent } from "../output/describe-event.js";
import type { Context } from "../run-command.js";
import type { Display } from "./display.js";

/** For files and pipes: prints one line per event and per line of job output, each with its time and the job id. */
export function lineDisplay({ screen, note }: Pick<Context, "screen" | "note">, id: string): Display {
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
      // The connection state does not matter to a reader of the file.
    },
    notice: (text) => note(`${id} ${text}`),
    pause() {},
    resume() {},
    close: rest,
  };
}
