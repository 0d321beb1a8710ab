import { isTrackedEnvelope, type TrackedEnvelope } from "@trpc/server";
import type { Direct } from "../../trpc/internal.js";
import type { GuardedSocket } from "./guarded-socket.js";
import type { SharedFrames } from "./shared-frames.js";

/** Where the events of a stream go. */
export interface DirectStreamOptions {
  readonly direct: Direct;
  readonly socket: GuardedSocket;
  /** Whether the client reads what is sent to it. */
  readonly isWritable: () => boolean;
  readonly frames: SharedFrames;
}

// The order in which tRPC writes the fields. With any other order, everything goes through the adapter.
const HEAD_OF_DATA =
  /^(\{"id":(?:-?\d[\d.eE+-]*|"(?:[^"\\]|\\.){0,400}"),(?:"jsonrpc":"2\.0",)?)"result":\{"type":"data",/;

/**
 * The iterator through which tRPC's adapter takes the events of a generator, and past which the generator's watch can send events; see
 * `Direct`.
 *
 * tRPC does not tell a procedure the id of its call. But the adapter asks for the next event in the very turn in which it has sent the
 * last one, so the beginning of the frames of this subscription is known from its first event. Until then, and with an adapter that
 * does otherwise, every event goes through the generator.
 */
export class DirectStream implements AsyncIterableIterator<unknown, unknown> {
  readonly #stream: AsyncIterator<unknown, unknown>;
  readonly #options: DirectStreamOptions;
  /** The tracked id of the event that the adapter is sending, until `#head` is known. */
  #sending: string | null = null;
  /** The beginning of all frames of this subscription. */
  #head: string | null = null;
  #isLearning = true;

  constructor(stream: AsyncIterator<unknown, unknown>, options: DirectStreamOptions) {
    this.#stream = stream;
    this.#options = options;
    options.socket.keepReplies(1);
  }

  next(): Promise<IteratorResult<unknown, unknown>> {
    if (!this.#isLearning) return this.#stream.next();
    if (this.#sending !== null) this.#learnHead(this.#sending);
    return this.#stream.next().then((result) => {
      if (!result.done && isTrackedEnvelope(result.value)) this.#sending = result.value[0];
      return result;
    });
  }

  return(value?: unknown): Promise<IteratorResult<unknown, unknown>> {
    this.#options.direct.send = null;
    this.#endLearning();
    return this.#stream.return?.(value) ?? Promise.resolve({ done: true, value });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #learnHead(sent: string): void {
    const reply = this.#options.socket.lastReply;
    const head = reply?.endsWith(`,"id":${JSON.stringify(sent)}}}`) ? HEAD_OF_DATA.exec(reply)?.[1] : undefined;
    this.#endLearning();
    if (head === undefined) return;
    this.#head = head;
    this.#options.direct.send = (event) => this.#send(event);
  }

  #send(event: TrackedEnvelope<unknown>): boolean {
    const { socket, isWritable, frames } = this.#options;
    if (this.#head === null || !isWritable()) return false;
    try {
      return socket.push(this.#head + frames.tailOf(event));
    } catch {
      // The adapter answers with the error of the transformer.
      return false;
    }
  }

  #endLearning(): void {
    if (this.#isLearning) this.#options.socket.keepReplies(-1);
    this.#isLearning = false;
    this.#sending = null;
  }
}
