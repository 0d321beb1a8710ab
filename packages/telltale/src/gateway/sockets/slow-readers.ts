import type { WebSocket } from "ws";

interface Reading {
  /** What waited to be sent at the last look. */
  buffered: number;
  /** When it was last under the limit or falling, by the monotonic clock. */
  movedAt: number;
}

/**
 * Finds sockets whose peer has stopped reading: above `bufferBytes` for `stalledMs` without ever falling. A slow but
 * reading peer falls between two looks, because generators stop yielding above the limit. One timer, and none while
 * there are no sockets.
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

  /** Looks after a socket until it closes. */
  watch(ws: WebSocket): void {
    this.#readings.set(ws, { buffered: 0, movedAt: performance.now() });
    ws.once("close", () => {
      this.#readings.delete(ws);
      if (this.#readings.size === 0) this.#stop();
    });
    // Ten looks per verdict keep the error under a tenth.
    this.#timer ??= setInterval(() => this.#look(), Math.max(10, this.#limits.stalledMs / 10)).unref();
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
