import type { IncomingMessage, ServerResponse } from "node:http";
import { refuse } from "./refuse.js";

interface Body {
  readonly address: string;
  bytes: number;
  /** Whether all of it has arrived. Then its call may have been made, and it is not refused any more. */
  isComplete: boolean;
  readonly refuse: () => void;
}

/**
 * Limits the bytes of all request bodies that are being received or processed. Above the limit, the address that holds
 * the most loses the body that it began first: a client that sends without end loses its own bodies, and a body that
 * arrives at once is hardly ever the oldest.
 */
export class BodyBudget {
  readonly #maxBytes: number;
  /** Bodies of each address, in the order in which they began. */
  readonly #bodies = new Map<string, Set<Body>>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The bytes that are held. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Counts the body of a request, until the returned function is called. A body above the budget is answered with 503
   * and the connection is closed.
   */
  count(req: IncomingMessage, res: ServerResponse, address: string): () => void {
    const body: Body = {
      address,
      bytes: 0,
      isComplete: false,
      refuse: () => {
        end();
        req.off("data", onData);
        refuse(res, 503, { close: true, retryAfterS: 1 });
        // The rest is not read. What the adapter already has is freed with the request.
        req.pause();
        if (res.writableFinished) req.destroy();
        else res.once("finish", () => req.destroy());
      },
    };
    const onData = (chunk: Buffer): void => {
      body.bytes += chunk.length;
      this.#bytes += chunk.length;
      if (this.#bytes > this.#maxBytes) this.#makeRoom(body);
    };
    const end = (): void => this.#forget(body);
    const ofAddress = this.#bodies.get(address) ?? new Set<Body>();
    this.#bodies.set(address, ofAddress.add(body));
    req.on("data", onData);
    req.once("end", () => {
      body.isComplete = true;
    });
    return end;
  }

  #makeRoom(current: Body): void {
    while (this.#bytes > this.#maxBytes) {
      const victim = this.#victim() ?? current;
      victim.refuse();
      if (victim === current) return;
    }
  }

  #victim(): Body | undefined {
    let victim: Body | undefined;
    let most = 0;
    for (const bodies of this.#bodies.values()) {
      let bytes = 0;
      let oldest: Body | undefined;
      for (const body of bodies) {
        bytes += body.bytes;
        if (!body.isComplete && body.bytes > 0) oldest ??= body;
      }
      if (oldest === undefined || bytes <= most) continue;
      most = bytes;
      victim = oldest;
    }
    return victim;
  }

  #forget(body: Body): void {
    const ofAddress = this.#bodies.get(body.address);
    if (!ofAddress?.delete(body)) return;
    if (ofAddress.size === 0) this.#bodies.delete(body.address);
    this.#bytes -= body.bytes;
  }
}
