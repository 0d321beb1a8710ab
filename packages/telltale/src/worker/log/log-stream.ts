import { hasCode, LOG_LIMITS, type LogLevel } from "../../core/index.js";
import type { LoggedLine } from "../../queue/internal.js";
import type { AbortOnDemand } from "../abort-on-demand.js";
import { persist } from "../attempt/persist.js";
import { pause, repeatDelayMs } from "../waiting.js";

export interface LogStreamOptions {
  readonly send: (lines: readonly LoggedLine[]) => Promise<void>;
  /** Like `send`, for a line that tells that others were dropped. Redis takes it even if it is full. */
  readonly sendMark: (line: LoggedLine) => Promise<void>;
  readonly onLeaseLost: () => void;
  /** Called with the number of lines that could not be stored, and why. */
  readonly onDropped: (lines: number, error: unknown) => void;
  /** Discards unsent lines when it aborts. */
  readonly giveUp: AbortOnDemand;
}

/** A line that was not sent yet. */
interface WaitingLine extends Omit<LoggedLine, "ageMs"> {
  readonly loggedAt: number;
}

const WAIT_MS = 50;
/** A batch of this size is sent without further delay. It may exceed the size by a line. */
const BATCH_BYTES = 32 * 1024;
const BATCH_LINES = 200;
const MARK = JSON.stringify("the lines before this one could not be stored");

/**
 * Sends the lines that one attempt logs, in order and one call at a time. If lines are logged faster than Redis takes them, or while it
 * cannot be reached or is full, the oldest are dropped, as they would be from the stored log. They leave a gap in the numbers.
 */
export class LogStream {
  readonly #options: LogStreamOptions;
  #waiting: WaitingLine[] = [];
  #waitingBytes = 0;
  #number = 0;
  #timer: NodeJS.Timeout | null = null;
  #draining: Promise<void> | null = null;
  #isClosed = false;

  constructor(options: LogStreamOptions) {
    this.#options = options;
  }

  /** Never throws. `message` and `data` are JSON; `data` may be empty. */
  write(level: LogLevel, message: string, data: string): void {
    if (this.#isClosed) return;
    this.#number += 1;
    const line = { number: this.#number, level, message, data, loggedAt: performance.now() };
    this.#waiting.push(line);
    this.#waitingBytes += bytesOf(line);
    this.#dropOldest();
    if (this.#waiting.length >= BATCH_LINES || this.#waitingBytes >= BATCH_BYTES) this.#start();
    else this.#timer ??= setTimeout(() => this.#start(), WAIT_MS);
  }

  /** Accepts no more lines, and resolves once all were stored or dropped. Never rejects. */
  async flush(): Promise<void> {
    this.#isClosed = true;
    while (this.#waiting.length > 0 || this.#draining) {
      this.#start();
      await this.#draining;
    }
  }

  /** Accepts no more lines, and drops those that were not sent. */
  discard(): void {
    this.#isClosed = true;
    this.#waiting = [];
    this.#waitingBytes = 0;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #start(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#draining ??= this.#drain().finally(() => {
      this.#draining = null;
      // Lines that were written after the last batch would otherwise never be sent.
      if (this.#waiting.length > 0) this.#timer ??= setTimeout(() => this.#start(), WAIT_MS);
    });
  }

  async #drain(): Promise<void> {
    for (let refusals = 0; this.#waiting.length > 0; ) {
      const batch = this.#batch();
      try {
        await persist(() => this.#options.send(batch.map(toSend)), this.#options.giveUp);
        refusals = 0;
      } catch (error) {
        if (hasCode(error, "lease_lost")) {
          this.discard();
          this.#options.onLeaseLost();
          return;
        }
        // At the end of the attempt there is no time to wait for room. The worker may also give up because Redis did not answer, but
        // answer the call that settles the job.
        if (this.#isClosed || !hasCode(error, "redis_full")) {
          const unsent = batch.length + this.#waiting.length;
          this.discard();
          this.#options.onDropped(unsent, error);
          await this.#mark();
          return;
        }
        this.#putBack(batch);
        await pause(repeatDelayMs(refusals++), this.#options.giveUp.signal);
      }
    }
  }

  async #mark(): Promise<void> {
    const mark = { number: this.#number + 1, ageMs: 0, level: "warn", message: MARK, data: "" } as const;
    try {
      await persist(() => this.#options.sendMark(mark), this.#options.giveUp);
    } catch (error) {
      if (hasCode(error, "lease_lost")) this.#options.onLeaseLost();
    }
  }

  #batch(): WaitingLine[] {
    let count = 0;
    let bytes = 0;
    for (const line of this.#waiting) {
      if (count >= BATCH_LINES || bytes >= BATCH_BYTES) break;
      bytes += bytesOf(line);
      count += 1;
    }
    this.#waitingBytes -= bytes;
    return this.#waiting.splice(0, count);
  }

  #putBack(batch: readonly WaitingLine[]): void {
    this.#waiting.unshift(...batch);
    for (const line of batch) this.#waitingBytes += bytesOf(line);
    this.#dropOldest();
  }

  #dropOldest(): void {
    while (this.#waiting.length > LOG_LIMITS.lines || this.#waitingBytes > LOG_LIMITS.bytes) {
      const line = this.#waiting.shift();
      if (!line) return;
      this.#waitingBytes -= bytesOf(line);
    }
  }
}

function bytesOf({ message, data }: WaitingLine): number {
  return Buffer.byteLength(message) + Buffer.byteLength(data);
}

function toSend({ loggedAt, ...line }: WaitingLine): LoggedLine {
  return { ...line, ageMs: Math.round(performance.now() - loggedAt) };
}
