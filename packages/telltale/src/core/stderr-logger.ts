import type { Logger } from "./logger.js";

type Level = "warn" | "error";

/** What identifies a job comes first, so that lines can be compared at a glance. */
const FIRST = ["kind", "id", "attempt"] as const;
/** Texts of several lines, written below the line itself. */
const BELOW = ["stack", "frames"] as const;
const VALUE_LENGTH = 300;
// What needs no quotes.
const PLAIN = /^[\w.,:;@/+()[\]-]+$/;

/**
 * The logger of those who gave none: warnings and errors, one readable line each, to stderr (in a browser to the console's
 * errors). Compared by identity where a stack may be told, which holds the message of a handler's error: it goes to the
 * process's own stderr and to no other logger.
 */
export const stderrLogger: Logger = {
  debug: () => {},
  info: () => {},
  warn: (data, message) => write("warn", data, message),
  error: (data, message) => write("error", data, message),
};

function write(level: Level, data: Readonly<Record<string, unknown>>, message: string): void {
  // stderr in Node, whatever writes there: no type of Node's is needed for it.
  console.error(formatLine(level, data, message));
}

/** `telltale warn  message key=value …`, and below it a stack where there is one. No value can forge a line of its own. */
export function formatLine(level: Level, data: Readonly<Record<string, unknown>>, message: string): string {
  const names = new Set<string>([...FIRST, ...Object.keys(data)]);
  const fields = [...names].flatMap((name) => {
    const value = data[name];
    return value === undefined || BELOW.some((below) => below === name) ? [] : [`${name}=${valueText(value)}`];
  });
  const line = [`telltale ${level.padEnd(5)} ${message}`, ...fields].join(" ");
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

// JSON leaves alone what still moves a terminal's cursor or ends a line.
function escaped(text: string): string {
  return text.replace(
    /[\p{Cc}\u2028\u2029]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
