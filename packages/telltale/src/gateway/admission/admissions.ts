import { TelltaleError } from "../../core/index.js";

/** Counts the subscriptions of each socket and the sockets of each subject, which tRPC does not do. */
export class Admissions {
  readonly #limits: Readonly<{ subscriptionsPerSocket: number; socketsPerSubject: number }>;
  readonly #bySocket = new Map<object, number>();
  // The number of subscriptions by subject and socket. A socket is listed while it has at least one for the subject.
  readonly #bySubject = new Map<string, Map<object, number>>();

  constructor(limits: Readonly<{ subscriptionsPerSocket: number; socketsPerSubject: number }>) {
    this.#limits = limits;
  }

  /** Counts one subscription until the returned function is called. Throws `too_many` at a limit. */
  admit(socket: object, subjectId: string): () => void {
    const held = this.#bySocket.get(socket) ?? 0;
    if (held >= this.#limits.subscriptionsPerSocket) {
      throw new TelltaleError(
        "too_many",
        `A socket holds at most ${this.#limits.subscriptionsPerSocket} subscriptions`,
      );
    }
    const sockets = this.#bySubject.get(subjectId) ?? new Map<object, number>();
    if (!sockets.has(socket) && sockets.size >= this.#limits.socketsPerSubject) {
      throw new TelltaleError("too_many", `A caller watches on at most ${this.#limits.socketsPerSubject} sockets`);
    }
    this.#bySocket.set(socket, held + 1);
    this.#bySubject.set(subjectId, sockets.set(socket, (sockets.get(socket) ?? 0) + 1));
    let released = false;
    return () => {
      if (released) return;
      released = true;
      decrement(this.#bySocket, socket);
      decrement(sockets, socket);
      // An emptied map may have been replaced by a later admission, so only delete the current one.
      if (sockets.size === 0 && this.#bySubject.get(subjectId) === sockets) this.#bySubject.delete(subjectId);
    };
  }

  /** The number of subscriptions that are counted now. */
  get size(): number {
    let sum = 0;
    for (const held of this.#bySocket.values()) sum += held;
    return sum;
  }
}

function decrement(counts: Map<object, number>, key: object): void {
  const left = (counts.get(key) ?? 0) - 1;
  if (left > 0) counts.set(key, left);
  else counts.delete(key);
}
