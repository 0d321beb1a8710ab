import { createInterface } from "node:readline/promises";

/** Asks whether to cancel the job or only to stop watching. Another Ctrl-C, or no answer, is the latter. */
export async function askToCancel(signal: AbortSignal): Promise<"cancel" | "stop"> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const over = new AbortController();
  // In raw mode Ctrl-C is a key, which readline tells as this event; so is the end of the input.
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
