import { z } from "zod";
import type { AnyJob, JobChunk } from "../../core/index.js";
import { decode } from "../../core/internal.js";

/** A stored chunk of a job's output. */
export interface ChunkLine {
  readonly n: number;
  readonly at: number;
  readonly round: number;
  readonly attempt: number;
  /** Encoded. Null marks a place where one or more chunks were dropped. */
  readonly data: string | null;
}

const Whole = z.coerce.number().int().nonnegative();
const Header = z.tuple([Whole, Whole, Whole, Whole]);

/** Parses a line of the chunk list or channel. Returns null if it is malformed. */
export function parseChunkLine(line: string): ChunkLine | null {
  const match = /^([^\n]*)\n([^\n]*)\n([^\n]*)\n([^\n]*)\n(.*)$/s.exec(line);
  const header = Header.safeParse(match?.slice(1, 5));
  if (!header.success) return null;
  const [n, at, round, attempt] = header.data;
  const data = match?.[5];
  return { n, at, round, attempt, data: data === undefined || data === "" ? null : data };
}

/** Converts a stored chunk to the chunk that watchers get. */
export function toChunk(id: string, line: ChunkLine): JobChunk<AnyJob> {
  const { n, at, round, attempt, data } = line;
  const base = { id, n, at, round, attempt };
  return data === null ? { ...base, truncated: true } : { ...base, data: decode(data) };
}
