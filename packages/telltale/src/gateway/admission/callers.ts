import type { Caller } from "../../trpc/internal.js";

const MAX_TIMER_MS = 2 ** 31 - 1;

/** A socket or an event stream of a caller. */
export interface CallerConnection {
  /** Ends the connection, so that its client connects again with new credentials. */
  readonly end: () => void;
}

interface Known {
  readonly caller: Caller;
  readonly timer: NodeJS.Timeout | undefined;
}

/** Knows whose connections are open, to end them when credentials expire or are revoked. */
export class Callers {
  readonly #known = new Map<CallerConnection, Known>();
  readonly #bySubject = new Map<string, Set<CallerConnection>>();

  /** The number of connections whose caller is known. */
  get size(): number {
    return this.#known.size;
  }

  /** Remembers whose connection it is. Called again with each call, because an application may renew the credentials. */
  identify(connection: CallerConnection, caller: Caller): void {
    const known = this.#known.get(connection)?.caller;
    if (known?.id === caller.id && known.expiresAt?.getTime() === caller.expiresAt?.getTime()) return;
    this.forget(connection);
    const timer = caller.expiresAt && this.#endAt(connection, caller.expiresAt.getTime());
    this.#known.set(connection, { caller, timer });
    const connections = this.#bySubject.get(caller.id) ?? new Set<CallerConnection>();
    this.#bySubject.set(caller.id, connections.add(connection));
  }

  /** Forgets a connection that has ended. */
  forget(connection: CallerConnection): void {
    const known = this.#known.get(connection);
    if (!known) return;
    clearTimeout(known.timer);
    this.#known.delete(connection);
    const connections = this.#bySubject.get(known.caller.id);
    connections?.delete(connection);
    if (connections?.size === 0) this.#bySubject.delete(known.caller.id);
  }

  /** Ends all connections of a subject. Returns their number. */
  disconnect(subjectId: string): number {
    const connections = [...(this.#bySubject.get(subjectId) ?? [])];
    for (const connection of connections) this.#end(connection);
    return connections.length;
  }

  #end(connection: CallerConnection): void {
    this.forget(connection);
    connection.end();
  }

  #endAt(connection: CallerConnection, at: number): NodeJS.Timeout {
    const inMs = Math.max(0, at - Date.now());
    return setTimeout(
      () => {
        const known = this.#known.get(connection);
        if (!known) return;
        // A timer cannot wait longer than 25 days.
        if (Date.now() < at) this.#known.set(connection, { ...known, timer: this.#endAt(connection, at) });
        else this.#end(connection);
      },
      Math.min(inMs, MAX_TIMER_MS),
    ).unref();
  }
}
