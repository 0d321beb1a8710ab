import { isFinal, type Logger, type ObserverEventFields, type Position, TelltaleError } from "../../core/index.js";
import { type FeedMessage, parseFeedMessage } from "../record/feed-line.js";
import { firstLine } from "../redis/redis-error.js";
import type { ChannelListener } from "../redis/subscriber.js";
import type { JobRecord } from "../scripts/reading/read.js";
import { catchUp } from "./catch-up.js";
import { fromRevision, fromTransition, type JobUpdate } from "./job-update.js";
import { Mailbox } from "./mailbox.js";
import { Wake } from "./wake.js";

/** How it was noticed that a watcher had missed something, and how many updates it got. */
export interface Repair {
  readonly cause: ObserverEventFields["watch.repaired"]["cause"];
  readonly updates: number;
}

const BUFFERED_MESSAGES = 256;
const MIN_RETRY_MS = 50;
const MAX_RETRY_MS = 2_000;

/**
 * A watcher of one job. It turns the messages of a channel, which may have gaps, into each transition once and in order.
 *
 * Invariants: (1) the position only moves forward, except through an update with `reset`; (2) a message is only applied if it
 * directly follows the position, otherwise the job is read again; (3) messages that arrive during a read are kept, and applied
 * after it by their position; (4) the watch has ended when the event that ends the round is in the mailbox; (5) a reader that is
 * too slow for the mailbox loses history, but not the state: it gets a snapshot when it reads again.
 */
export class FeedWatch implements ChannelListener {
  readonly jobId: string;
  readonly #read: () => Promise<JobRecord | null>;
  readonly #logger: Logger;
  readonly #onRepair: (repair: Repair) => void;
  readonly #mailbox = new Mailbox();
  readonly #wake = new Wake();
  #position: Position | null;
  #buffer: FeedMessage[] | null = null;
  #readAgain = false;
  #overflowed = false;
  /** Whether the watcher was up to date once. Updates before that are not a repair. */
  #wasLevel = false;
  #ended = false;
  #stopped = false;
  #failure: TelltaleError | null = null;
  #touchedAt = performance.now();

  constructor(
    jobId: string,
    options: Readonly<{
      after: Position | null;
      read: () => Promise<JobRecord | null>;
      logger: Logger;
      onRepair: (repair: Repair) => void;
    }>,
  ) {
    this.jobId = jobId;
    this.#position = options.after;
    this.#read = options.read;
    this.#logger = options.logger;
    this.#onRepair = options.onRepair;
  }

  /** The watcher's position, or null before its first read. */
  get position(): Position | null {
    return this.#position;
  }

  /** The time since the last message about the job, ms. The positions of quiet watchers are checked. */
  get quietMs(): number {
    return performance.now() - this.#touchedAt;
  }

  get isOver(): boolean {
    return this.#ended || this.#stopped || this.#failure !== null;
  }

  /** Called when a check found that the position is the newest. */
  confirm(): void {
    this.#touchedAt = performance.now();
  }

  message(text: string): void {
    this.#touchedAt = performance.now();
    const message = parseFeedMessage(text);
    if (!message || this.isOver || this.#overflowed) return;
    if (this.#buffer) {
      if (this.#buffer.length < BUFFERED_MESSAGES) this.#buffer.push(message);
      else this.#readAgain = true;
      return;
    }
    if (!this.#apply(message)) this.resync("gap");
  }

  resubscribed(): void {
    this.resync("reconnect");
  }

  /** Starts reading. Call it once the channel is acknowledged. From then on, missed messages are noticed. */
  start(): void {
    this.#resync(null);
  }

  /** Reads the job and brings the watcher up to date. One read at a time. */
  resync(cause: Repair["cause"]): void {
    this.#resync(cause);
  }

  #resync(cause: Repair["cause"] | null): void {
    if (this.isOver || this.#overflowed) return;
    if (this.#buffer) {
      this.#readAgain = true;
      return;
    }
    this.#buffer = [];
    // Errors end up in the watcher, so the promise never rejects.
    void this.#catchUp(cause);
  }

  /** Returns the next update, or undefined at the end. Rejects with `not_found` if the job was deleted. */
  async next(): Promise<JobUpdate | undefined> {
    for (;;) {
      if (this.#stopped) return undefined;
      const update = this.#mailbox.shift();
      if (update) return update;
      if (this.#failure) throw this.#failure;
      if (this.#overflowed) this.#startAnew();
      else if (this.#ended) return undefined;
      await this.#wake.wait();
    }
  }

  /** Ends the watch. A waiting `next` returns undefined. */
  stop(): void {
    this.#stopped = true;
    this.#wake.call();
  }

  async #catchUp(cause: Repair["cause"] | null): Promise<void> {
    let retryMs = MIN_RETRY_MS;
    let updates = 0;
    while (!this.isOver && !this.#overflowed) {
      this.#readAgain = false;
      try {
        updates += this.#level(await this.#read());
        const buffered = this.#buffer ?? [];
        this.#buffer = [];
        const contiguous = buffered.every((message) => this.#apply(message));
        if (contiguous && !this.#readAgain) break;
      } catch (error) {
        this.#logger.warn({ job: this.jobId, error: firstLine(error) }, "reading a watched job failed, trying again");
        await new Promise((resolve) => setTimeout(resolve, retryMs * (0.5 + Math.random())).unref());
        retryMs = Math.min(retryMs * 2, MAX_RETRY_MS);
      }
    }
    this.#buffer = null;
    this.#touchedAt = performance.now();
    if (cause && updates > 0 && this.#wasLevel) this.#onRepair({ cause, updates });
    this.#wasLevel = true;
  }

  // Returns the number of updates.
  #level(record: JobRecord | null): number {
    if (!record) {
      this.#failure = new TelltaleError("not_found", `Job ${this.jobId} does not exist`);
      this.#wake.call();
      return 0;
    }
    const updates = catchUp(record, this.#position);
    for (const update of updates) if (!this.#deliver(update)) return 0;
    this.#position = { epoch: record.at, seq: record.seq, rev: record.rev };
    if (isFinal(record.status)) this.#end();
    return updates.length;
  }

  // Returns false if something is missing between the position and this message.
  #apply(message: FeedMessage): boolean {
    const at = this.#position;
    if (!at || this.#ended || this.#overflowed) return true;
    if (message.type === "transition") {
      // An older seq with a newer time means that a failover rewrote history.
      if (message.seq <= at.seq) return message.seq < at.seq ? message.at <= at.epoch : message.at === at.epoch;
      if (message.seq > at.seq + 1) return false;
      if (!this.#deliver(fromTransition(message))) return true;
      this.#position = { epoch: message.at, seq: message.seq, rev: 0 };
      if (isFinal(message.status)) this.#end();
      return true;
    }
    if (message.seq < at.seq) return true;
    if (message.seq > at.seq || message.epoch !== at.epoch) return false;
    if (message.rev <= at.rev) return true;
    this.#deliver(fromRevision(message));
    this.#position = { ...at, rev: message.rev };
    return true;
  }

  #deliver(update: JobUpdate): boolean {
    this.#overflowed = !this.#mailbox.push(update);
    this.#wake.call();
    return !this.#overflowed;
  }

  // A position that is in no history, so that the next read returns a snapshot with `reset`.
  #startAnew(): void {
    this.#overflowed = false;
    this.#ended = false;
    this.#position = { epoch: 0, seq: 0, rev: 0 };
    this.resync("overflow");
  }

  #end(): void {
    this.#ended = true;
    this.#wake.call();
  }
}
