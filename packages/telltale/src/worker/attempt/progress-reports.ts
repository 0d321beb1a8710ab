import type { z } from "zod";
import { hasCode, LIMITS } from "../../core/index.js";
import type { PendingProgress } from "../../queue/internal.js";
import { parsedBy } from "./parsed-by.js";
import { storable } from "./storable.js";

export interface ProgressReportsOptions {
  readonly schema: z.ZodType | undefined;
  readonly everyMs: number;
  readonly send: (progress: PendingProgress) => Promise<void>;
  readonly onLeaseLost: () => void;
  /** Called for each report that could not be sent. */
  readonly onDropped: (error: unknown) => void;
}

/**
 * Sends the progress reports of one attempt, one call at a time and `everyMs` apart; only the latest report is kept. A
 * report that Redis has not acknowledged at the end is part of the settling call, so the job cannot end before it.
 */
export class ProgressReports {
  readonly #options: ProgressReportsOptions;
  #latest: { readonly value: unknown } | null = null;
  #unacknowledged: PendingProgress | null = null;
  #n = 0;
  #timer: NodeJS.Timeout | null = null;
  #isSending = false;
  #isClosed = false;
  #sentAt = Number.NEGATIVE_INFINITY;

  constructor(options: ProgressReportsOptions) {
    this.#options = options;
  }

  /** Never throws. A report that does not match the contract is dropped with a warning, and the handler continues. */
  report(value: unknown): void {
    if (this.#isClosed) return;
    this.#latest = { value };
    this.#schedule();
  }

  /** Accepts no more reports and returns the last one that Redis has not acknowledged. Safe to call twice. */
  close(): PendingProgress | null {
    this.#isClosed = true;
    if (this.#timer) clearTimeout(this.#timer);
    return this.#take();
  }

  #schedule(): void {
    if (this.#timer || this.#isSending || this.#isClosed) return;
    const waitMs = Math.max(0, this.#sentAt + this.#options.everyMs - performance.now());
    this.#timer = setTimeout(() => {
      this.#timer = null;
      void this.#send();
    }, waitMs);
  }

  async #send(): Promise<void> {
    const pending = this.#take();
    if (!pending) return;
    this.#isSending = true;
    this.#sentAt = performance.now();
    try {
      await this.#options.send(pending);
      if (this.#unacknowledged === pending) this.#unacknowledged = null;
    } catch (error) {
      // After any other error the report is sent with the next one or with the settling call.
      if (hasCode(error, "lease_lost") && !this.#isClosed) this.#options.onLeaseLost();
    } finally {
      this.#isSending = false;
    }
    if (this.#latest || this.#unacknowledged) this.#schedule();
  }

  #take(): PendingProgress | null {
    const latest = this.#latest;
    this.#latest = null;
    if (latest) {
      try {
        const parsed = parsedBy(this.#options.schema, latest.value);
        const progress = storable("progress", parsed, LIMITS.progressBytes);
        this.#n += 1;
        this.#unacknowledged = { n: this.#n, progress };
      } catch (error) {
        this.#options.onDropped(error);
      }
    }
    return this.#unacknowledged;
  }
}
