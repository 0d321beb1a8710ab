import colors from "picocolors";

/** Where a command writes, and what can be shown there. */
export interface Screen {
  readonly stream: NodeJS.WriteStream;
  readonly isTerminal: boolean;
  readonly palette: ReturnType<typeof colors.createColors>;
  /** How wide a line may be; endless where nobody looks. */
  readonly columns: () => number;
  line(text: string): void;
}

/**
 * What stdout is. Colours on a terminal only, and not where NO_COLOR asks for none (https://no-color.org). A dumb terminal,
 * whose lines cannot be drawn anew, is written to as a file is.
 */
export function screenOf(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv = process.env): Screen {
  const isTerminal = stream.isTTY === true && env.TERM !== "dumb";
  return {
    stream,
    isTerminal,
    palette: colors.createColors(isTerminal && !env.NO_COLOR),
    columns: () => (isTerminal ? stream.columns || 80 : Number.POSITIVE_INFINITY),
    line: (text) => void stream.write(`${text}\n`),
  };
}
