/** The position of an event in a job's feed, and the history it belongs to. */
export interface Position {
  /** Redis's time in ms at the transition with this `seq`. A failover that rewrote history changes it. */
  readonly epoch: number;
  /** The number of the transition, from 1, without gaps. */
  readonly seq: number;
  /** The number of changes since that transition, such as progress or a requested cancel. 0 at the transition itself. */
  readonly rev: number;
}

const POSITION_PATTERN = /^([0-9a-z]{1,10}):(\d{1,12})\.(\d{1,12})$/;

/** Formats a position as `<epoch in base 36>:<seq>.<rev>`, the id of a tracked status event. */
export function formatPosition(position: Position): string {
  return `${position.epoch.toString(36)}:${position.seq}.${position.rev}`;
}

/** Parses the id of a tracked status event. Returns null if it is malformed; a watcher then starts with a snapshot. */
export function parsePosition(text: string): Position | null {
  const match = POSITION_PATTERN.exec(text);
  if (!match) return null;
  return { epoch: Number.parseInt(match[1] ?? "", 36), seq: Number(match[2]), rev: Number(match[3]) };
}

/** Whether `a` comes after `b`. Only positions of the same history can be compared. */
export function isAfter(a: Pick<Position, "seq" | "rev">, b: Pick<Position, "seq" | "rev">): boolean {
  return a.seq > b.seq || (a.seq === b.seq && a.rev > b.rev);
}
