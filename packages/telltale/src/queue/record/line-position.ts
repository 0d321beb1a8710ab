/** The position of a watcher of chunks or of a log: `<time in base 36>:<n>`. */
export function linePosition({ at, n }: Readonly<{ at: number; n: number }>): string {
  return `${at.toString(36)}:${n}`;
}

/** Parses the position of a line. Returns null if it is malformed. The watcher then starts with the first line. */
export function parseLinePosition(text: string): { readonly at: number; readonly n: number } | null {
  const match = /^([0-9a-z]{1,10}):(\d{1,12})$/.exec(text);
  return match ? { at: Number.parseInt(match[1] ?? "", 36), n: Number(match[2]) } : null;
}
