/**
 * Counts the connections of each holder, who is a subject or an address. A connection counts once for a holder, however
 * often it is taken.
 */
export class Places {
  readonly #max: number;
  /** How often each connection was taken, by holder. */
  readonly #held = new Map<string, Map<object, number>>();

  constructor(max: number) {
    this.#max = max;
  }

  /** The number of holders. */
  get size(): number {
    return this.#held.size;
  }

  /** Takes a place, until the returned function is called. Returns null if the holder has as many as allowed. */
  take(holder: string, connection: object): (() => void) | null {
    const connections = this.#held.get(holder) ?? new Map<object, number>();
    if (!connections.has(connection) && connections.size >= this.#max) return null;
    this.#held.set(holder, connections);
    connections.set(connection, (connections.get(connection) ?? 0) + 1);
    let isTaken = true;
    return () => {
      if (!isTaken) return;
      isTaken = false;
      const left = (connections.get(connection) ?? 0) - 1;
      if (left > 0) connections.set(connection, left);
      else connections.delete(connection);
      // An emptied map may have been replaced since.
      if (connections.size === 0 && this.#held.get(holder) === connections) this.#held.delete(holder);
    };
  }
}
