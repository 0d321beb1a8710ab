import type { Duplex } from "node:stream";

interface Usage {
  readonly uses: Set<() => void>;
  readonly onClose: () => void;
}

/** The connections in use. Each counts once, even with several requests in progress. */
export class Connections {
  readonly #usages = new Map<Duplex, Usage>();

  get size(): number {
    return this.#usages.size;
  }

  /**
   * Counts a connection until the returned function is called or the connection closes. `onEnd` is then called, once.
   *
   * There is one close listener per connection, because a client may send a thousand requests without waiting for a
   * response. The response's `close` event is not enough: on Node 20 it is never emitted for requests that are queued
   * behind another one when the connection breaks.
   */
  use(connection: Duplex, onEnd: () => void = () => {}): () => void {
    const { uses, onClose } = this.#usages.get(connection) ?? this.#add(connection);
    const end = (): void => {
      if (!uses.delete(end)) return;
      if (uses.size === 0 && this.#usages.delete(connection)) connection.off("close", onClose);
      onEnd();
    };
    uses.add(end);
    return end;
  }

  #add(connection: Duplex): Usage {
    const uses = new Set<() => void>();
    const onClose = (): void => {
      for (const end of [...uses]) end();
    };
    const usage = { uses, onClose };
    this.#usages.set(connection, usage);
    connection.once("close", onClose);
    return usage;
  }
}
