/** The position of an event in a job's feed, and the history it belongs to. */
export interface Position {
  /** Redis's time in ms at the transition with this `seq`. It differs if a failover rewrote history. */
  readonly epoch: number;
  /** Counts transitions from 1, without gaps. */
  readonly seq: number;
  /** Counts the changes between two transitions, such as progress or a requested cancel. 0 at the transition itself. */
  readonly rev: number;
}

const POSITION_PATTERN = /^([0-9a-z]{1,10}):(\d{1,12})\.(\d{1,12})$/;

/** Formats a position as `<epoch in base 36>:<seq>.<rev>`, the tracked id of a status event. */
export function formatPosition(position: Position): string {
  return `${position.epoch.toString(36)}:${position.seq}.${position.rev}`;
}

/** Parses a tracked id, or returns null if it is malformed. The watcher then starts with a snapshot. */
export function parsePosition(text: string): Position | null {
  const match = POSITION_PATTERN.exec(text);
  if (!match) return null;
  return { epoch: Number.parseInt(match[1] ?? "", 36), seq: Number(match[2]), rev: Number(match[3]) };
}

/** Whether `a` comes after `b`. Only positions of the same history can be compared. */
export function isAfter(a: Pick<Position, "seq" | "rev">, b: Pick<Position, "seq" | "rev">): boolean {
  return a.seq > b.seq || (a.seq === b.seq && a.rev > b.rev);
}
