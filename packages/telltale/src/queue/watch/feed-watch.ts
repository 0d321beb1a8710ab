import { isFinal, type Logger, type ObserverEventFields, type Position, TelltaleError } from "../../core/index.js";
import { type FeedMessage, parseFeedMessage, type Transition } from "../record/feed-line.js";
import type { ChannelMessage } from "../redis/channel-message.js";
import { firstLine } from "../redis/redis-error.js";
import type { ChannelListener } from "../redis/subscriber.js";
import type { JobRecord } from "../scripts/reading/read.js";
import { catchUp } from "./catch-up.js";
import { fromMessage, fromTransition, type JobUpdate } from "./job-update.js";
import { Mailbox } from "./mailbox.js";
import { Wake } from "./wake.js";

/** How it was detected that a watcher had missed something, and how many updates it then received. */
export interface Repair {
  readonly cause: ObserverEventFields["watch.repaired"]["cause"];
  readonly updates: number;
}

/** A message, and the update that it is. All watchers of a job share it. */
interface Received {
  readonly message: FeedMessage;
  readonly update: JobUpdate;
}

const BUFFERED_MESSAGES = 256;
const MIN_RETRY_MS = 50;
const MAX_RETRY_MS = 2_000;

/**
 * A watcher of one job. The messages of a channel may have gaps; the watcher delivers each transition once and in order.
 *
 * Invariants:
 *
 * 1. The position only moves forward, except through an update with `reset`.
 * 2. A message is only applied if it directly follows the position. After a gap, the job is read again.
 * 3. Messages that arrive during a read are kept, and applied after it by their position.
 * 4. The watch has ended once the event that ends the round is in the mailbox.
 * 5. No message ends the watch. The end is read from the job, because everyone who may publish could forge the message.
 * 6. A reader that is too slow for the mailbox misses events, but not the state. It gets a snapshot when it reads again.
 * 7. An update is only handed over while the reader waits and the mailbox is empty, so the reader has taken everything before it.
 */
export class FeedWatch implements ChannelListener {
  readonly jobId: string;
  readonly #read: () => Promise<JobRecord | null>;
  readonly #logger: Logger;
  readonly #onRepair: (repair: Repair) => void;
  readonly #mailbox = new Mailbox();
  readonly #wake = new Wake();
  #position: Position | null;
  readonly #handOver: ((update: JobUpdate) => boolean) | undefined;
  /** Whether a `next` waits for an update. */
  #isReaderWaiting = false;
  #buffer: Received[] | null = null;
  #readAgain = false;
  /** The message that says that the round has ended, until the job was read. */
  #announcedEnd: Transition | null = null;
  #overflowed = false;
  /** Whether the watcher was up to date before. The updates of its first read are not a repair. */
  #wasCurrent = false;
  #ended = false;
  #stopped = false;
  #failure: TelltaleError | null = null;
  #touchedAt = performance.now();

  constructor(
    jobId: string,
    options: Readonly<{
      after: Position | null;
      /** See `HubWatchOptions`. */
      handOver?: ((update: JobUpdate) => boolean) | undefined;
      read: () => Promise<JobRecord | null>;
      logger: Logger;
      onRepair: (repair: Repair) => void;
    }>,
  ) {
    this.jobId = jobId;
    this.#position = options.after;
    this.#handOver = options.handOver;
    this.#read = options.read;
    this.#logger = options.logger;
    this.#onRepair = options.onRepair;
  }

  /** The position of the last update. Null before the first read if the watcher did not resume. */
  get position(): Position | null {
    return this.#position;
  }

  /** The time since the last message about the job, ms. The hub checks the positions of quiet watchers. */
  get quietMs(): number {
    return performance.now() - this.#touchedAt;
  }

  /** Whether the watcher needs no more updates. */
  get isOver(): boolean {
    return this.#ended || this.#stopped || this.#failure !== null;
  }

  /** Tells the watcher that a check has just found its position up to date. */
  confirm(): void {
    this.#touchedAt = performance.now();
  }

  message(message: ChannelMessage): void {
    this.#touchedAt = performance.now();
    const received = message.parsedBy(receive);
    if (!received || this.isOver || this.#overflowed) return;
    if (this.#buffer) {
      if (this.#buffer.length < BUFFERED_MESSAGES) this.#buffer.push(received);
      else this.#readAgain = true;
      return;
    }
    if (!this.#apply(received)) this.#resync(this.#announcedEnd ? null : "gap");
  }

  resubscribed(): void {
    this.resync("reconnect");
  }

  /** Takes the record of a job that has ended, instead of `start`. */
  begin(record: JobRecord): void {
    this.#applyRecord(record);
  }

  /** Starts reading. Call it once the subscription is acknowledged. Messages between an earlier read and that would be missed. */
  start(): void {
    this.#resync(null);
  }

  /** Reads the job again and brings the watcher up to date. If it is being read already, it is read once more after that. */
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
    // Never rejects. It retries reads that fail.
    void this.#catchUp(cause);
  }

  /** Returns the next update, or undefined at the end. Rejects with `not_found` if the job was deleted. */
  async next(): Promise<JobUpdate | undefined> {
    for (;;) {
      if (this.#stopped) return undefined;
      const update = this.#mailbox.shift();
      if (update) return update;
      if (this.#failure) throw this.#failure;
      if (this.#overflowed) this.#restart();
      else if (this.#ended) return undefined;
      this.#isReaderWaiting = true;
      await this.#wake.wait();
      this.#isReaderWaiting = false;
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
        updates += this.#applyRecord(await this.#read());
        const buffered = this.#buffer ?? [];
        this.#buffer = [];
        const contiguous = buffered.every((received) => this.#apply(received));
        if (contiguous && !this.#readAgain) break;
      } catch (error) {
        this.#logger.warn({ job: this.jobId, error: firstLine(error) }, "reading a watched job failed, trying again");
        await new Promise((resolve) => setTimeout(resolve, retryMs * (0.5 + Math.random())).unref());
        retryMs = Math.min(retryMs * 2, MAX_RETRY_MS);
      }
    }
    this.#buffer = null;
    this.#touchedAt = performance.now();
    if (cause && updates > 0 && this.#wasCurrent) this.#onRepair({ cause, updates });
    this.#wasCurrent = true;
  }

  // Returns the number of updates that were delivered, or 0 if the mailbox overflowed.
  #applyRecord(record: JobRecord | null): number {
    const announced = this.#announcedEnd;
    this.#announcedEnd = null;
    if (!record && announced) {
      // Deleted since, as retention allows. Nothing contradicts the message.
      if (this.#deliver(fromTransition(announced))) this.#end();
      return 1;
    }
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
  #apply({ message, update }: Received): boolean {
    const at = this.#position;
    if (!at || this.#ended || this.#overflowed) return true;
    if (message.type === "transition") {
      // An older seq with a newer time means that history was rewritten (failover).
      if (message.seq <= at.seq) return message.seq < at.seq ? message.at <= at.epoch : message.at === at.epoch;
      if (message.seq > at.seq + 1) return false;
      if (isFinal(message.status)) {
        this.#announcedEnd = message;
        return false;
      }
      if (!this.#deliver(update)) return true;
      this.#position = { epoch: message.at, seq: message.seq, rev: 0 };
      return true;
    }
    if (message.seq < at.seq) return true;
    if (message.seq > at.seq || message.epoch !== at.epoch) return false;
    if (message.rev <= at.rev) return true;
    this.#deliver(update);
    this.#position = { epoch: at.epoch, seq: at.seq, rev: message.rev };
    return true;
  }

  #deliver(update: JobUpdate): boolean {
    const mayHandOver = this.#isReaderWaiting && this.#mailbox.isEmpty && !this.#stopped;
    if (mayHandOver && this.#handOver?.(update)) return true;
    this.#overflowed = !this.#mailbox.push(update);
    this.#wake.call();
    return !this.#overflowed;
  }

  // Sets a position that is in no history, so the next read results in a snapshot with `reset`.
  #restart(): void {
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

function receive(text: string): Received | null {
  const message = parseFeedMessage(text);
  return message && { message, update: fromMessage(message) };
}
