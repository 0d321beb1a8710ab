import { TelltaleError } from "../../core/index.js";
import { Places } from "./places.js";

/**
 * Counts the subscriptions of each connection, and the connections on which each subject has subscriptions. A connection
 * is a WebSocket, or the response of an event stream.
 */
export class Admissions {
  readonly #limits: Readonly<{ subscriptionsPerSocket: number; socketsPerSubject: number }>;
  readonly #bySocket = new Map<object, number>();
  readonly #bySubject: Places;

  constructor(limits: Readonly<{ subscriptionsPerSocket: number; socketsPerSubject: number }>) {
    this.#limits = limits;
    this.#bySubject = new Places(limits.socketsPerSubject);
  }

  /** Counts one subscription until the returned function is called. Throws `too_many` at a limit. */
  admit(connection: object, subjectId: string): () => void {
    const { subscriptionsPerSocket, socketsPerSubject } = this.#limits;
    const held = this.#bySocket.get(connection) ?? 0;
    if (held >= subscriptionsPerSocket) {
      // Telltale's client reads the limit from the data, and opens another socket.
      throw new TelltaleError("too_many", `A socket holds at most ${subscriptionsPerSocket} subscriptions`, {
        data: { subscriptionsPerSocket },
      });
    }
    const leave = this.#bySubject.take(subjectId, connection);
    if (!leave) {
      throw new TelltaleError(
        "too_many",
        `A caller watches on at most ${socketsPerSubject} sockets and event streams together`,
      );
    }
    this.#bySocket.set(connection, held + 1);
    let released = false;
    return () => {
      if (released) return;
      released = true;
      leave();
      const left = (this.#bySocket.get(connection) ?? 0) - 1;
      if (left > 0) this.#bySocket.set(connection, left);
      else this.#bySocket.delete(connection);
    };
  }

  /** The number of subscriptions that are counted now. */
  get size(): number {
    let sum = 0;
    for (const held of this.#bySocket.values()) sum += held;
    return sum;
  }
}
