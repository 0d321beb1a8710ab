import { transformer } from "../../core/index.js";

/**
 * A value of the wire as one line of JSON: dates as ISO text, bigints as text, maps and sets as lists. Escaped is all that
 * a terminal would obey, which JSON itself only does below U+0020.
 */
export function jsonLine(value: unknown): string {
  const text = JSON.stringify(transformer.serialize(value).json) ?? "null";
  return text.replace(/[\p{C}\u2028\u2029]/gu, escaped);
}

function escaped(character: string): string {
  const units = Array.from({ length: character.length }, (_, i) => character.charCodeAt(i));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
}
