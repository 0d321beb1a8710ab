// All characters of the Unicode category "Other" (controls, escapes, bidirectional overrides, lone surrogates, private
// use), except tab, line feed and the two joiners that emoji and some scripts need. Also line and paragraph separators.
const UNPRINTABLE = /(?![\t\n\u200c\u200d])[\p{C}\u2028\u2029]/gu;

/** Makes untrusted text safe to show on a terminal by replacing control characters with `�`. Keeps line breaks. */
export function printable(text: string): string {
  return text.replace(/\r\n/g, "\n").replace(UNPRINTABLE, "�");
}

/** Like `printable`, but on one line. */
export function printableLine(text: string): string {
  return printable(text).replace(/[\n\t]+/g, " ");
}
