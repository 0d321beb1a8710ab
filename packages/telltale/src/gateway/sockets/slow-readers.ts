import type { WebSocket } from "ws";

interface Reading {
  /** Bytes that were buffered at the last check. */
  buffered: number;
  /** When the buffer was last below the limit or shrinking, by `performance.now()`. */
  movedAt: number;
}

/**
 * Finds sockets whose client has stopped reading: their buffer stays above `bufferBytes` for `stalledMs` without
 * shrinking. The buffer of a client that reads slowly shrinks between two checks, because generators pause above the
 * limit. There is one timer for all sockets, and none while there are no sockets.
 */
export class SlowReaders {
  readonly #limits: Readonly<{ bufferBytes: number; stalledMs: number }>;
  readonly #onStalled: (ws: WebSocket) => void;
  readonly #readings = new Map<WebSocket, Reading>();
  #timer: NodeJS.Timeout | null = null;

  constructor(limits: Readonly<{ bufferBytes: number; stalledMs: number }>, onStalled: (ws: WebSocket) => void) {
    this.#limits = limits;
    this.#onStalled = onStalled;
  }

  /** Checks a socket until `forget`. */
  watch(ws: WebSocket): void {
    this.#readings.set(ws, { buffered: 0, movedAt: performance.now() });
    // Ten checks per `stalledMs` keep the error below a tenth.
    this.#timer ??= setInterval(() => this.#look(), Math.max(10, this.#limits.stalledMs / 10)).unref();
  }

  /** Stops checking a socket, which has closed. */
  forget(ws: WebSocket): void {
    this.#readings.delete(ws);
    if (this.#readings.size === 0) this.#stop();
  }

  #look(): void {
    const now = performance.now();
    for (const [ws, reading] of this.#readings) {
      const { bufferedAmount } = ws;
      if (bufferedAmount < this.#limits.bufferBytes || bufferedAmount < reading.buffered) reading.movedAt = now;
      reading.buffered = bufferedAmount;
      if (now - reading.movedAt < this.#limits.stalledMs) continue;
      this.#readings.delete(ws);
      this.#onStalled(ws);
    }
  }

  #stop(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
  }
}
