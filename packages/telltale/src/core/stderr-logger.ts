import type { Logger } from "./logger.js";

type Level = "warn" | "error";

/** The fields that identify a job. They come first, so that lines are easy to compare. */
const FIRST = ["kind", "id", "attempt"] as const;
/** Fields of several lines. They are written below the message. */
const BELOW = ["stack", "frames"] as const;
const VALUE_LENGTH = 300;
// Values that are written without quotes.
const PLAIN = /^[\w.,:;@/+()[\]-]+$/;

/**
 * The default logger. It writes each warning and error as a readable line to stderr, or to the console of a browser. Code that
 * logs the stack of a handler's error must first check that its logger is this one: the error's message may contain secrets, so
 * the stack is only written to the process's own stderr.
 */
export const stderrLogger: Logger = {
  debug: () => {},
  info: () => {},
  warn: (data, message) => write("warn", data, message),
  error: (data, message) => write("error", data, message),
};

function write(level: Level, data: Readonly<Record<string, unknown>>, message: string): void {
  // console.error writes to stderr in Node.js, and also exists in browsers.
  console.error(formatLine(level, data, message));
}

/**
 * Formats `telltale warn  message key=value …`, with a stack below if there is one. Values cannot inject line breaks or escape
 * codes.
 */
export function formatLine(level: Level, data: Readonly<Record<string, unknown>>, message: string): string {
  const names = new Set<string>([...FIRST, ...Object.keys(data)]);
  const fields = [...names].flatMap((name) => {
    const value = data[name];
    return value === undefined || BELOW.some((below) => below === name) ? [] : [`${name}=${valueText(value)}`];
  });
  const line = [`telltale ${level.padEnd(5)} ${escaped(message)}`, ...fields].join(" ");
  const below = BELOW.flatMap((name) => textLines(data[name])).map((text) => `    ${escaped(text)}`);
  return [line, ...below].join("\n");
}

function textLines(value: unknown): string[] {
  if (typeof value === "string") return value.split("\n");
  return Array.isArray(value) ? value.map(String) : [];
}

function valueText(value: unknown): string {
  const text = asText(value).slice(0, VALUE_LENGTH);
  return PLAIN.test(text) ? text : escaped(JSON.stringify(text));
}

function asText(value: unknown): string {
  if (Array.isArray(value)) return value.map(asText).join(",");
  return typeof value === "object" && value !== null ? JSON.stringify(value) : String(value);
}

// JSON does not escape all characters that control a terminal or end a line.
function escaped(text: string): string {
  return text.replace(
    /[\p{Cc}\u2028\u2029]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
