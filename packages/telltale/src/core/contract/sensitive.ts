import { TelltaleError } from "../errors/error.js";

/** Where a sensitive value is: the names that lead to it. */
export type SensitivePath = readonly string[];

/** What is shown in place of a sensitive value. */
const REDACTED = "[redacted]";

const MOST_PATHS = 50;
const PATH = /^[^.\s]+(\.[^.\s]+){0,9}$/;
/** Shorter texts stand in many places by chance, and replacing those would make a text unreadable. */
const SHORTEST_TEXT = 4;
/** So many texts are found in 8 KB in less than a millisecond. */
const MOST_TEXTS = 200;

/** Returns the validated paths of a contract. Throws `invalid_config`. */
export function sensitivePaths(kind: string, paths: readonly string[] = []): readonly SensitivePath[] {
  const what = `Contract ${JSON.stringify(kind)}: sensitive`;
  if (!Array.isArray(paths) || paths.length > MOST_PATHS) {
    throw new TelltaleError("invalid_config", `${what} must be a list of at most ${MOST_PATHS} paths`);
  }
  return paths.map((path: unknown) => {
    if (typeof path === "string" && PATH.test(path)) return path.split(".");
    const shown = JSON.stringify(String(path).slice(0, 100));
    throw new TelltaleError(
      "invalid_config",
      `${what} has the path ${shown}. Use names with dots, such as "card.number"`,
    );
  });
}

/**
 * Returns a value in which `[redacted]` takes the place of everything at these paths. `*` stands for every name. Lists, sets and maps are
 * passed through: `cards.number` is the number of each card. What is not sensitive is the same object as before.
 */
export function redact(value: unknown, paths: readonly SensitivePath[]): unknown {
  return paths.reduce((redacted, path) => mapAt(redacted, path, () => REDACTED), value);
}

/** Returns the texts and numbers at these paths of some values that are long enough to be recognized in other texts. */
export function sensitiveTexts(values: readonly unknown[], paths: readonly SensitivePath[]): readonly string[] {
  const texts = new Set<string>();
  const collect = (found: unknown): unknown => {
    if (typeof found === "object" && found !== null) for (const part of partsOf(found)) collect(part);
    else if (/^(string|number|bigint)$/.test(typeof found)) texts.add(String(found));
    return found;
  };
  for (const value of values) for (const path of paths) mapAt(value, path, collect);
  // A text may contain another one, and is replaced first.
  return [...texts].filter((text) => text.length >= SHORTEST_TEXT).sort((one, other) => other.length - one.length);
}

/** Replaces these texts wherever they stand in another one. If there are too many to look for, replaces it as a whole. */
export function redactText(text: string, sensitive: readonly string[]): string {
  if (sensitive.length > MOST_TEXTS) return REDACTED;
  return sensitive.reduce((redacted, one) => redacted.replaceAll(one, REDACTED), text);
}

function mapAt(value: unknown, path: SensitivePath, change: (found: unknown) => unknown): unknown {
  const [name, ...rest] = path;
  if (name === undefined) return value === undefined ? undefined : change(value);
  if (Array.isArray(value)) return value.map((one) => mapAt(one, name === "*" ? rest : path, change));
  if (value instanceof Set) return new Set([...value].map((one) => mapAt(one, name === "*" ? rest : path, change)));
  if (value instanceof Map) {
    return new Map(
      [...value].map(([key, one]) => [key, name === "*" || name === key ? mapAt(one, rest, change) : one]),
    );
  }
  if (!isPlain(value)) return value;
  const names = name === "*" ? Object.keys(value) : Object.hasOwn(value, name) ? [name] : [];
  if (names.length === 0) return value;
  return { ...value, ...Object.fromEntries(names.map((one) => [one, mapAt(value[one], rest, change)])) };
}

function partsOf(value: object): Iterable<unknown> {
  if (Array.isArray(value) || value instanceof Set) return value;
  return value instanceof Map ? value.values() : isPlain(value) ? Object.values(value) : [];
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
