import { z } from "zod";
import type { AnyJob, JobChunk } from "../../core/index.js";
import { decode } from "../../core/internal.js";

/** A stored piece of a job's streamed output. */
export interface ChunkLine {
  readonly n: number;
  readonly at: number;
  readonly round: number;
  readonly attempt: number;
  /** Encoded; null is the mark that something was dropped. */
  readonly data: string | null;
}

const Whole = z.coerce.number().int().nonnegative();
const Header = z.tuple([Whole, Whole, Whole, Whole]);

/** A line of the chunk list or channel, or null for one that is not ours. */
export function parseChunkLine(line: string): ChunkLine | null {
  const match = /^([^\n]*)\n([^\n]*)\n([^\n]*)\n([^\n]*)\n(.*)$/s.exec(line);
  const header = Header.safeParse(match?.slice(1, 5));
  if (!header.success) return null;
  const [n, at, round, attempt] = header.data;
  const data = match?.[5];
  return { n, at, round, attempt, data: data === undefined || data === "" ? null : data };
}

/** `<time in base 36>:<n>`: where a watcher of chunks stands. */
export function chunkPosition(chunk: ChunkLine): string {
  return `${chunk.at.toString(36)}:${chunk.n}`;
}

/** The parts of a chunk position, or null where the text is none: then the watcher starts with the first chunk. */
export function parseChunkPosition(text: string): { readonly epoch: number; readonly n: number } | null {
  const match = /^([0-9a-z]{1,10}):(\d{1,12})$/.exec(text);
  return match ? { epoch: Number.parseInt(match[1] ?? "", 36), n: Number(match[2]) } : null;
}

/** The chunk a watcher is given. */
export function toChunk(id: string, line: ChunkLine): JobChunk<AnyJob> {
  const { n, at, round, attempt, data } = line;
  const base = { id, n, at, round, attempt };
  return data === null ? { ...base, truncated: true } : { ...base, data: decode(data) };
}
