import { inspect } from "node:util";
import { createLogUpdate } from "log-update";
import { type AnyJob, isFinal, type JobEvent, transformer } from "../../core/index.js";
import { ChunkLines } from "../output/chunk-lines.js";
import { describeError, describeEvent } from "../output/describe-event.js";
import { printable } from "../output/printable.js";
import type { Screen } from "../output/screen.js";
import { took } from "../output/span.js";
import type { Display } from "./display.js";
import { type LiveState, liveLine } from "./live-line.js";

const REDRAW_MS = 100;

/** For terminals: the job's output scrolls, and the last line shows its state. */
export function liveDisplay(screen: Screen): Display {
  const { stream, palette } = screen;
  const update = createLogUpdate(stream);
  const lines = new ChunkLines();
  /** `firstAt` is the time of the first event by Redis's clock, `heardAt` the local time when the newest arrived. */
  let firstAt: number | null = null;
  let heardAt = performance.now();
  let state: LiveState = { event: null, isLive: true, elapsedMs: 0, frame: 0 };
  let timer: NodeJS.Timeout | undefined;

  const draw = (): void => {
    if (timer === undefined) return;
    const now = performance.now();
    const until = state.event && firstAt !== null ? state.event.at - firstAt : 0;
    state = { ...state, elapsedMs: until + now - heardAt, frame: Math.floor(now / REDRAW_MS) };
    update(liveLine(state, screen));
  };
  /** Output that arrives while a question is shown. It would garble the question. */
  const held: string[] = [];
  const show = (text: string): void => {
    if (timer === undefined) {
      held.push(text);
      return;
    }
    update.clear();
    screen.line(text);
    draw();
  };
  const showRest = (): void => {
    for (const line of lines.rest()) show(`${palette.dim("│")} ${line}`);
  };
  const resume = (): void => {
    timer ??= setInterval(draw, REDRAW_MS);
    for (const text of held.splice(0)) screen.line(text);
    draw();
  };
  const pause = (): void => {
    if (timer === undefined) return;
    clearInterval(timer);
    timer = undefined;
    update.clear();
    update.done();
  };
  resume();

  return {
    event(event) {
      const isOnly = firstAt === null;
      firstAt ??= event.at;
      heardAt = performance.now();
      if (event.reset) show(palette.yellow("! earlier events were lost"));
      if (event.status === "retrying") {
        showRest();
        show(`${palette.yellow("!")} attempt ${event.attempt} failed  ${describeError(event.error)}`);
      }
      if (!isFinal(event.status)) {
        state = { ...state, event };
        draw();
        return;
      }
      showRest();
      state = { ...state, event };
      for (const line of ending(event, isOnly ? null : event.at - firstAt, screen)) show(line);
    },
    chunk(chunk) {
      for (const line of lines.take(chunk)) show(`${palette.dim("│")} ${line}`);
    },
    connected(isLive) {
      state = { ...state, isLive };
      draw();
    },
    notice: (text) => show(palette.yellow(`! ${text}`)),
    pause,
    resume,
    close() {
      showRest();
      pause();
      for (const text of held.splice(0)) screen.line(text);
    },
  };
}

/** The lines that show how a round ended. */
function ending(event: JobEvent<AnyJob>, elapsedMs: number | null, { palette, columns }: Screen): string[] {
  const time = elapsedMs === null ? "" : palette.dim(took(elapsedMs));
  if (event.status === "completed") {
    // Shown in the wire format, without class names. `inspect` quotes and escapes all strings.
    const output = inspect(transformer.serialize(event.output).json, {
      breakLength: columns() - 2,
      depth: 6,
      maxArrayLength: 50,
      maxStringLength: 2_000,
    });
    const text = event.output === undefined ? [] : printable(output).split("\n");
    return [`${palette.green("✔")} ${palette.bold("completed")}  ${time}`, ...text.map((line) => `  ${line}`)];
  }
  const why = describeEvent(event);
  const said = `${palette.bold(event.status)}  ${why === "" ? "" : `${why}  `}${time}`;
  return [event.status === "cancelled" ? `${palette.yellow("■")} ${said}` : `${palette.red("✘")} ${said}`];
}
