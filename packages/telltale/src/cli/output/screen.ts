import colors from "picocolors";

/** The output of a command, and what it can show. */
export interface Screen {
  readonly stream: NodeJS.WriteStream;
  readonly isTerminal: boolean;
  readonly palette: ReturnType<typeof colors.createColors>;
  /** The maximum width of a line; infinite unless the output is a terminal. */
  readonly columns: () => number;
  line(text: string): void;
}

/**
 * Creates the screen for stdout. Uses colours on a terminal unless NO_COLOR is set (https://no-color.org). A dumb
 * terminal is treated like a file, because its lines cannot be redrawn.
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
