import { createInterface } from "node:readline/promises";

/** Asks whether to cancel the job or only stop watching. Another Ctrl-C or no answer means stop watching. */
export async function askToCancel(signal: AbortSignal): Promise<"cancel" | "stop"> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const over = new AbortController();
  // In raw mode Ctrl-C sends no signal. readline emits this event instead, and `close` at the end of the input.
  terminal.once("SIGINT", () => over.abort());
  terminal.once("close", () => over.abort());
  try {
    const question = "Cancel the job? (y = cancel it, Enter = stop watching and let it run) ";
    const answer = await terminal.question(question, { signal: AbortSignal.any([signal, over.signal]) });
    return /^(y|yes|c|cancel)$/i.test(answer.trim()) ? "cancel" : "stop";
  } catch {
    process.stdout.write("\n");
    return "stop";
  } finally {
    terminal.close();
  }
}
