import { createInterface } from "node:readline/promises";

/** Asks a question on the terminal. Returns null for Ctrl-C and at the end of the input. */
export async function ask(question: string): Promise<string | null> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const over = new AbortController();
  // In raw mode Ctrl-C sends no signal. readline emits this event instead, and `close` at the end of the input.
  terminal.once("SIGINT", () => over.abort());
  terminal.once("close", () => over.abort());
  try {
    return (await terminal.question(question, { signal: over.signal })).trim();
  } catch {
    process.stderr.write("\n");
    return null;
  } finally {
    terminal.close();
  }
}
