import { transformer } from "../../core/index.js";

/**
 * Formats a value as one line of JSON, with dates as ISO strings, bigints as strings, and maps and sets as arrays.
 * Escapes all characters that can control a terminal. JSON itself only escapes those below U+0020.
 */
export function jsonLine(value: unknown): string {
  const text = JSON.stringify(transformer.serialize(value).json) ?? "null";
  return text.replace(/[\p{C}\u2028\u2029]/gu, escaped);
}

function escaped(character: string): string {
  const units = Array.from({ length: character.length }, (_, i) => character.charCodeAt(i));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
}
