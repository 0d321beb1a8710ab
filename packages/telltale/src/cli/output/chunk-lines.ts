import type { AnyJob, JobChunk } from "../../core/index.js";
import { jsonLine } from "./json-line.js";
import { printable } from "./printable.js";

// Length at which an incomplete line is shown anyway, because a job may never end its line.
const MAX_HELD = 4_096;

/** Joins the chunks that a job prints into lines that are safe to show on a terminal. */
export class ChunkLines {
  #held = "";
  #attempt = 0;

  /**
   * Returns the lines that this chunk completes. A new attempt does not continue the incomplete line of the previous
   * one.
   */
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

  /** Returns the incomplete line, if there is one. */
  rest(): string[] {
    const held = this.#held;
    this.#held = "";
    return held === "" ? [] : [shown(held)];
  }
}

function shown(line: string): string {
  return printable(line.replace(/\r$/, "")).replace(/\t/g, "  ");
}

// Most jobs stream text. Returns null for other data, which is shown as JSON.
function textOf(data: unknown): string | null {
  if (typeof data === "string") return data;
  if (typeof data !== "object" || data === null || !("text" in data)) return null;
  return typeof data.text === "string" && Object.keys(data).length === 1 ? data.text : null;
}
