import { types } from "node:util";

const MAX_DEPTH = 8;
const MAX_BIGINT = 10n ** 64n;
/** superjson refuses these keys, because they can pollute prototypes. */
const FORBIDDEN_KEYS = new Set(["__proto__", "constructor", "prototype"]);
const ELLIPSIS = "…";

/**
 * Returns a copy of a value that consists of JSON types only, for a person who reads a log. Its JSON has at most about `maxBytes`; what
 * is left out is counted. Never throws, whatever getters, proxies and `toJSON` do: what cannot be read becomes a note in brackets.
 *
 * `hidden` replaces sensitive parts of each text, and of each number that is written as text.
 */
export function plain(value: unknown, maxBytes: number, hidden: (text: string) => string = (text) => text): unknown {
  return new Copy(maxBytes, hidden).of(value, 0);
}

/** Cuts a text so that its JSON has at most about `maxBytes`, and says how many characters were left out. */
export function shortened(text: string, maxBytes: number): string {
  let length = Math.min(text.length, maxBytes);
  let kept = text.slice(0, length);
  for (let bytes = jsonBytes(kept); bytes > maxBytes && length > 0; bytes = jsonBytes(kept)) {
    length = Math.floor((length * maxBytes) / bytes);
    kept = text.slice(0, length);
  }
  if (length === text.length) return text;
  // Not in the middle of a character.
  if (/[\ud800-\udbff]$/.test(kept)) kept = kept.slice(0, -1);
  return `${kept}${ELLIPSIS} (${text.length - kept.length} more characters)`;
}

class Copy {
  #bytesLeft: number;
  /** The objects that contain the current one. */
  readonly #above: object[] = [];

  readonly #hidden: (text: string) => string;

  constructor(maxBytes: number, hidden: (text: string) => string) {
    this.#bytesLeft = maxBytes;
    this.#hidden = hidden;
  }

  of(value: unknown, depth: number): unknown {
    try {
      return this.#copied(value, depth);
    } catch {
      // The error is not looked at, because it may be a Proxy that throws again.
      return this.#text("[unreadable]");
    }
  }

  #copied(value: unknown, depth: number): unknown {
    switch (typeof value) {
      case "string":
        return this.#text(value);
      case "number":
        return this.#number(value);
      case "boolean":
        return this.#primitive(value);
      case "undefined":
        return this.#primitive(null);
      case "bigint":
        return this.#text(
          value < MAX_BIGINT && value > -MAX_BIGINT ? String(value) : "[bigint of more than 64 digits]",
        );
      case "symbol":
        return this.#text(`[${String(value)}]`);
      case "function":
        return this.#text(`[function ${value.name}]`);
      case "object":
        return value === null ? this.#primitive(null) : this.#object(value, depth);
    }
  }

  #object(value: object, depth: number): unknown {
    if (this.#above.includes(value)) return this.#text("[circular]");
    if (types.isDate(value)) return this.#text(Number.isNaN(value.getTime()) ? "[invalid date]" : value.toISOString());
    if (types.isPromise(value)) return this.#text("[promise]");
    if (types.isAnyArrayBuffer(value) || ArrayBuffer.isView(value)) return this.#text(`[${value.byteLength} bytes]`);
    if (types.isRegExp(value)) return this.#text(String(value));
    if (depth >= MAX_DEPTH) return this.#text(Array.isArray(value) ? "[list]" : "[object]");
    this.#above.push(value);
    try {
      const toJson: unknown = Reflect.get(value, "toJSON");
      if (typeof toJson === "function") return this.#ownJson(value, toJson, depth);
      return this.#parts(value, depth + 1);
    } finally {
      this.#above.pop();
    }
  }

  #ownJson(value: object, toJson: unknown, depth: number): unknown {
    let json: unknown;
    try {
      json = typeof toJson === "function" ? Reflect.apply(toJson, value, []) : undefined;
    } catch {
      return this.#text("[toJSON failed]");
    }
    // A value may return itself.
    return json === value ? this.#parts(value, depth + 1) : this.of(json, depth + 1);
  }

  #parts(value: object, depth: number): unknown {
    if (Array.isArray(value)) return this.#list(indices(value), value.length, depth);
    if (types.isMap(value)) return this.#list(value.entries(), value.size, depth);
    if (types.isSet(value)) return this.#list(value.values(), value.size, depth);
    if (types.isNativeError(value))
      return this.#properties(value, [...new Set([...ERROR_KEYS, ...Object.keys(value)])], depth);
    return this.#properties(value, Object.keys(value), depth);
  }

  #list(items: Iterable<unknown>, length: number, depth: number): unknown[] {
    this.#bytesLeft -= 2;
    const copy: unknown[] = [];
    for (const item of items) {
      if (this.#bytesLeft <= 0) {
        copy.push(`${ELLIPSIS} (${length - copy.length} more items)`);
        break;
      }
      copy.push(this.of(item, depth));
    }
    return copy;
  }

  #properties(value: object, keys: readonly string[], depth: number): Record<string, unknown> {
    this.#bytesLeft -= 2;
    const copy: Record<string, unknown> = {};
    for (const [i, key] of keys.entries()) {
      if (this.#bytesLeft <= 0) {
        copy[ELLIPSIS] = `${keys.length - i} more properties`;
        break;
      }
      let part: unknown;
      try {
        part = Reflect.get(value, key);
      } catch {
        part = "[getter failed]";
      }
      if (part === undefined) continue;
      const name = shortened(FORBIDDEN_KEYS.has(key) ? `(${key})` : this.#hidden(key), Math.max(this.#bytesLeft, 0));
      this.#bytesLeft -= jsonBytes(name) + 1;
      copy[name] = this.of(part, depth);
    }
    return copy;
  }

  #text(text: string): string {
    const copy = shortened(this.#hidden(text), Math.max(this.#bytesLeft, 0));
    this.#bytesLeft -= jsonBytes(copy) + 1;
    return copy;
  }

  #number(value: number): number | string {
    const text = String(value);
    const isShown = Number.isFinite(value) && this.#hidden(text) === text;
    // JSON has no -0.
    return isShown ? this.#primitive(value === 0 ? 0 : value) : this.#text(text);
  }

  #primitive<T extends number | boolean | null>(value: T): T {
    this.#bytesLeft -= String(value).length + 1;
    return value;
  }
}

/** These are not enumerable. */
const ERROR_KEYS = ["name", "message", "stack", "cause", "errors"] as const;

// The iterator of a list skips nothing and can be replaced. A list with holes may be very long.
function* indices(list: readonly unknown[]): Generator<unknown, void, undefined> {
  for (let i = 0; i < list.length; i++) yield list[i];
}

function jsonBytes(text: string): number {
  return Buffer.byteLength(JSON.stringify(text));
}
