import type { AnyJob, JobChunk } from "../../core/index.js";
import { jsonLine } from "./json-line.js";
import { printable } from "./printable.js";

// A job that prints without ever ending a line is not held for ever.
const MAX_HELD = 4_096;

/** Puts the pieces in which a job prints together to lines that are safe to show. */
export class ChunkLines {
  #held = "";
  #attempt = 0;

  /** The lines this chunk completes. What one attempt left unfinished is not continued by the next. */
  take(chunk: JobChunk<AnyJob>): string[] {
    const left = chunk.attempt === this.#attempt ? [] : this.rest();
    this.#attempt = chunk.attempt;
    if (chunk.truncated) return [...left, ...this.rest(), "… (output over the size limit was dropped)"];
    const text = textOf(chunk.data);
    if (text === null) return [...left, ...this.rest(), jsonLine(chunk.data)];
    const lines = (this.#held + text).split("\n");
    this.#held = lines.pop() ?? "";
    if (this.#held.length > MAX_HELD) lines.push(...this.rest());
    return [...left, ...lines.map(shown)];
  }

  /** What has no end yet. */
  rest(): string[] {
    const held = this.#held;
    this.#held = "";
    return held === "" ? [] : [shown(held)];
  }
}

function shown(line: string): string {
  return printable(line.replace(/\r$/, "")).replace(/\t/g, "  ");
}

// Most jobs that print send text; what else a contract streams is shown as it is.
function textOf(data: unknown): string | null {
  if (typeof data === "string") return data;
  if (typeof data !== "object" || data === null || !("text" in data)) return null;
  return typeof data.text === "string" && Object.keys(data).length === 1 ? data.text : null;
}
