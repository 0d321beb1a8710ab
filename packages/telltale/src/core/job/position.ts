/** Where in a job's feed an event stands, and in which history. */
export interface Position {
  /** Redis time (ms) of the transition with this `seq`: it differs when a failover rewrote history. */
  readonly epoch: number;
  /** Counts transitions from 1, without holes. */
  readonly seq: number;
  /** Counts what changes between two transitions (progress, a requested cancel); 0 at the transition itself. */
  readonly rev: number;
}

const POSITION_PATTERN = /^([0-9a-z]{1,10}):(\d{1,12})\.(\d{1,12})$/;

/** `<epoch in base 36>:<seq>.<rev>`, the tracked id of a status event. */
export function formatPosition(position: Position): string {
  return `${position.epoch.toString(36)}:${position.seq}.${position.rev}`;
}

/** The position a tracked id names, or null where it names none: then the watcher starts with a snapshot. */
export function parsePosition(text: string): Position | null {
  const match = POSITION_PATTERN.exec(text);
  if (!match) return null;
  return { epoch: Number.parseInt(match[1] ?? "", 36), seq: Number(match[2]), rev: Number(match[3]) };
}

/** Whether `a` comes after `b`. Only positions of one history can be compared. */
export function isAfter(a: Pick<Position, "seq" | "rev">, b: Pick<Position, "seq" | "rev">): boolean {
  return a.seq > b.seq || (a.seq === b.seq && a.rev > b.rev);
}
