// Everything Unicode calls "other" (controls, escapes, bidirectional overrides, lone surrogates, private use) but tab,
// line feed and the two joiners that emoji and scripts are written with. Line and paragraph separators too.
const UNPRINTABLE = /(?![\t\n\u200c\u200d])[\p{C}\u2028\u2029]/gu;

/** Text of a stranger that cannot steer the terminal it is shown on: what would is shown as `�`. Keeps line breaks. */
export function printable(text: string): string {
  return text.replace(/\r\n/g, "\n").replace(UNPRINTABLE, "�");
}

/** The same on one line. */
export function printableLine(text: string): string {
  return printable(text).replace(/[\n\t]+/g, " ");
}
