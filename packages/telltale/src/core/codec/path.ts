import { LIMITS } from "../contract/limits.js";
import { TelltaleError } from "../errors/error.js";

// A path identifies a part of a value. Maps and the envelope add a few levels.
const MAX_SEGMENTS = LIMITS.depth + 4;
const FORBIDDEN = new Set(["__proto__", "constructor", "prototype"]);

/**
 * Splits one of superjson's paths, for example `a.b\.c.0`, into its segments. In a wire without a version only dots are escaped;
 * in version 1, backslashes too. Throws `invalid_input` if the path is longer than a value may be deep, or contains a key that
 * leads to a prototype.
 */
export function parsePath(path: string, escapesBackslash: boolean): readonly string[] {
  const segments = path.includes("\\") ? unescaped(path, escapesBackslash) : path.split(".", MAX_SEGMENTS + 1);
  if (segments.length > MAX_SEGMENTS)
    throw new TelltaleError("invalid_input", `A path in the payload has more than ${MAX_SEGMENTS} segments`);
  for (const segment of segments) {
    if (FORBIDDEN.has(segment))
      throw new TelltaleError("invalid_input", `A path in the payload contains ${segment}, which is not allowed`);
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
    } else if (escapesBackslash)
      throw new TelltaleError("invalid_input", "A path in the payload has a backslash that escapes nothing");
    else segment += char;
  }
  segments.push(segment);
  return segments;
}
