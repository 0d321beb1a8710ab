import type { JobLogLine, LogLevel } from "../../core/index.js";
import { jsonLine } from "./json-line.js";
import { printable, printableLine } from "./printable.js";
import type { Screen } from "./screen.js";

const INDENT = "    ";
// Values that are shown without quotes.
const PLAIN = /^[\w.,:;@/+()[\]-]+$/;

/** Formats the lines of a log for a terminal or a file. Needs the lines in order, to show where some are missing. */
export class LogText {
  readonly #palette: Screen["palette"];
  #previous: JobLogLine | null = null;

  constructor({ palette }: Pick<Screen, "palette">) {
    this.#palette = palette;
  }

  /** Returns the text of the next line, and before it what changed: lines that were dropped, another attempt. */
  of(line: JobLogLine, isShown = true): string[] {
    const { dim } = this.#palette;
    const previous = this.#previous;
    this.#previous = line;
    const texts: string[] = [];
    if (line.dropped) texts.push(dim(gap(line.dropped, previous === null)));
    const { round, attempt } = line;
    const isFirst = previous === null && round === 1 && attempt === 1;
    if (!isFirst && (previous?.round !== round || previous.attempt !== attempt)) {
      texts.push(dim(`— ${round > 1 ? `round ${round}, ` : ""}attempt ${attempt} —`));
    }
    return isShown ? [...texts, this.#text(line)] : texts;
  }

  #text({ at, level, message, data }: JobLogLine): string {
    const { dim } = this.#palette;
    const { inline, below } = dataText(data);
    const [first = "", ...rest] = printable(message).split("\n");
    const head = [dim(new Date(at).toISOString()), this.#level(level), first, dim(inline)].filter(
      (part) => part !== "",
    );
    return [head.join(" "), ...[...rest, ...below].map((text) => INDENT + text)].join("\n");
  }

  #level(level: LogLevel): string {
    const { red, yellow, green, dim } = this.#palette;
    const colour = { error: red, warn: yellow, info: green, debug: dim }[level];
    return colour(level.padEnd(5));
  }
}

function gap(count: number, isFirst: boolean): string {
  const one = count === 1;
  return `… ${count} ${isFirst ? "earlier " : ""}${one ? "line was" : "lines were"} dropped`;
}

/** Formats the data as `name=value` behind the message. The stack of an error is shown below. */
function dataText(data: unknown): { readonly inline: string; readonly below: readonly string[] } {
  if (data === undefined) return { inline: "", below: [] };
  if (typeof data !== "object" || data === null || Array.isArray(data)) return { inline: valueText(data), below: [] };
  const { stack, ...rest } = data as Readonly<Record<string, unknown>>;
  const isError = typeof stack === "string";
  // The stack begins with the name and the message.
  const shown = Object.entries(isError ? rest : data).filter(
    ([name]) => !isError || (name !== "name" && name !== "message"),
  );
  return {
    inline: shown.map(([name, value]) => `${printableLine(name)}=${valueText(value)}`).join(" "),
    below: isError ? printable(stack).split("\n") : [],
  };
}

function valueText(value: unknown): string {
  return typeof value === "string" && PLAIN.test(value) ? value : jsonLine(value);
}
