import { LIMITS } from "../contract/limits.js";
import { TelltaleError } from "../errors/error.js";

// A path leads to a part of a value; Maps and the envelope take a few more levels.
const MAX_SEGMENTS = LIMITS.depth + 4;
const FORBIDDEN = new Set(["__proto__", "constructor", "prototype"]);

/**
 * The segments of one of superjson's paths, `a.b\.c.0` for example. Wires without a version escape dots only; those of
 * version 1 escape backslashes too. Throws `invalid_input` for more segments than a value may be deep, and for keys that
 * lead to a prototype.
 */
export function parsePath(path: string, escapesBackslash: boolean): readonly string[] {
  const segments = path.includes("\\") ? unescaped(path, escapesBackslash) : path.split(".", MAX_SEGMENTS + 1);
  if (segments.length > MAX_SEGMENTS) throw new TelltaleError("invalid_input", "A path is too long");
  for (const segment of segments) {
    if (FORBIDDEN.has(segment)) throw new TelltaleError("invalid_input", `A path leads to ${segment}`);
  }
  return segments;
}

function unescaped(path: string, escapesBackslash: boolean): string[] {
  const segments: string[] = [];
  let segment = "";
  for (let i = 0; i < path.length && segments.length <= MAX_SEGMENTS; i++) {
    const char = path.charAt(i);
    const next = path.charAt(i + 1);
    if (char === ".") {
      segments.push(segment);
      segment = "";
    } else if (char !== "\\") segment += char;
    else if (next === "." || (next === "\\" && escapesBackslash)) {
      segment += next;
      i++;
    } else if (escapesBackslash) throw new TelltaleError("invalid_input", "A path has a stray backslash");
    else segment += char;
  }
  segments.push(segment);
  return segments;
}
