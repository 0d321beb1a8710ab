const MESSAGE_LENGTH = 2_000;
const SEARCHED_LENGTH = 64_000;
const STACK_LENGTH = 6_000;
const DETAIL_BYTES = 8 * 1024;
const CAUSES = 3;

/**
 * The names, messages and stack of a thrown value, for operators, at most 8 KB. Control characters are escaped so that
 * a message cannot forge a log line or control a terminal. `hidden` replaces what must not be shown, before that. Never throws, even
 * if reading the value does.
 */
export function errorDetail(thrown: unknown, hidden: (text: string) => string = (text) => text): string {
  const lines: string[] = [];
  let current = thrown;
  for (let depth = 0; depth <= CAUSES; depth++) {
    const { title, frames, cause } = described(current, hidden);
    lines.push((depth === 0 ? "" : "caused by ") + title, ...frames);
    if (cause === undefined || cause === current) break;
    current = cause;
  }
  return cut(lines.map(escaped).join("\n"));
}

interface Described {
  readonly title: string;
  readonly frames: readonly string[];
  readonly cause?: unknown;
}

function described(thrown: unknown, hidden: (text: string) => string): Described {
  try {
    if (!(thrown instanceof Error)) return { title: `thrown: ${text(thrown, hidden)}`, frames: [] };
    // Only the beginning of the message and the end of the stack, where the frames are, because both can be huge.
    const message = cutMessage(hidden(start(String(thrown.message))));
    const frames = hidden(String(thrown.stack ?? "").slice(-STACK_LENGTH))
      .split("\n")
      .filter((line) => /^ {4}at /.test(line));
    return { title: `${text(thrown.name, hidden)}: ${message}`, frames, cause: thrown.cause };
  } catch {
    return { title: "thrown: a value that cannot be looked at", frames: [] };
  }
}

function text(value: unknown, hidden: (text: string) => string): string {
  if (typeof value === "object" && value !== null) return Object.prototype.toString.call(value);
  return cutMessage(hidden(start(String(value))));
}

// What is hidden is looked for in more than is shown, so that it is found whole where the message is cut.
function start(message: string): string {
  return message.slice(0, SEARCHED_LENGTH);
}

function cutMessage(message: string): string {
  return message.slice(0, MESSAGE_LENGTH);
}

function escaped(line: string): string {
  return line.replace(
    /[\p{Cc}\u2028\u2029]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function cut(detail: string): string {
  const bytes = Buffer.from(detail);
  if (bytes.length <= DETAIL_BYTES) return detail;
  // A character that is cut in half at the end decodes to the replacement character.
  return `${bytes.subarray(0, DETAIL_BYTES - 6).toString()}…`;
}
