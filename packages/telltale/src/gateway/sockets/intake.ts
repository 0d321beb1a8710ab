import { TRPCError } from "@trpc/server";
import { TelltaleError } from "../../core/index.js";
import { CallsInFlight } from "./calls-in-flight.js";
import { FrameGuard, type FrameGuardOptions } from "./frame-guard.js";
import type { Message } from "./message.js";
import { replyHead } from "./reply-head.js";

export interface IntakeOptions extends FrameGuardOptions {
  /** Maximum number of calls without a reply. */
  readonly maxInFlight: number;
  /** The size of waiting frames above which nothing more is read. */
  readonly maxWaitingBytes: number;
  /** Maximum number of subscriptions, with those that are ending. */
  readonly maxSubscriptions: number;
  /** Spends one call of the caller's rate. Returns 0, or after how many ms to try again. */
  readonly pace: () => number;
  /** Whether the client reads its replies. No call starts while it does not. */
  readonly isRead: () => boolean;
  readonly socket: {
    /** Passes a frame to tRPC's adapter. */
    pass(data: Buffer, isBinary: boolean): void;
    /** Stops reading from the socket. */
    pause(): void;
    resume(): void;
  };
}

/**
 * How many calls start before other sockets have their turn. Calls that are refused end at once, so their number would be
 * limited by nothing else.
 */
const STARTS_PER_TURN = 50;
/** At the shortest, so that many sockets that wait cost little. */
const MIN_WAIT_MS = 10;

interface Frame {
  readonly data: Buffer;
  readonly isBinary: boolean;
}

/**
 * The calls of one socket on their way to tRPC's adapter, which starts all calls of all frames at once. Here they start
 * one after the other while there is room, in the order in which they arrived. When as many are waiting as a frame may
 * hold, nothing more is read from the socket, so the client's own buffers fill up.
 */
export class Intake {
  readonly #options: IntakeOptions;
  readonly #guard: FrameGuard;
  readonly #calls: CallsInFlight;
  readonly #frames: Frame[] = [];
  /** The rest of the frame that is being worked on. */
  #messages: Message[] = [];
  /** The size of all waiting frames. The one that is being worked on counts until its last call starts. */
  #bytes = 0;
  #bytesInWork = 0;
  #isOver = false;
  #startedInTurn = 0;
  #turn: NodeJS.Immediate | null = null;
  #wait: NodeJS.Timeout | null = null;
  #isWorking = false;
  #isPaused = false;

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.#guard = new FrameGuard(options);
    this.#calls = new CallsInFlight(options.maxSubscriptions);
  }

  /** The size of the frames that are waiting. */
  get waitingBytes(): number {
    return this.#bytes;
  }

  /** Takes a frame from the client. */
  receive(data: Buffer, isBinary: boolean): void {
    if (!isBinary && isHeartbeat(data)) {
      this.#options.socket.pass(data, isBinary);
      return;
    }
    if (this.#isOver) return;
    this.#frames.push({ data, isBinary });
    this.#bytes += data.length;
    this.work();
  }

  /** Takes a message that tRPC's adapter sent. */
  sent(text: string): void {
    const head = replyHead(text);
    if (!head) return;
    this.#calls.replied(head);
    for (const frame of this.#guard.framesAfter(head)) this.#options.socket.pass(frame, false);
    this.work();
  }

  /** Starts the calls for which there is room. Called whenever there may be more. */
  work(): void {
    // A call may be answered while it starts.
    if (this.#isWorking || this.#wait) return;
    this.#isWorking = true;
    while (this.#hasRoom() && (this.#messages.length > 0 || this.#frames.length > 0)) this.#step();
    this.#isWorking = false;
    this.#pauseOrResume();
  }

  /** Drops the calls that are waiting. Called when the socket closes, because their replies would be lost. */
  end(): void {
    this.#isOver = true;
    if (this.#turn) clearImmediate(this.#turn);
    if (this.#wait) clearTimeout(this.#wait);
    this.#frames.length = 0;
    this.#messages = [];
    this.#bytes = 0;
    this.#bytesInWork = 0;
  }

  #step(): void {
    if (this.#messages.length > 0) {
      const fitting = this.#take(this.#messages);
      if (fitting.length > 0)
        this.#options.socket.pass(Buffer.from(JSON.stringify(fitting.map(({ raw }) => raw))), false);
      return;
    }
    this.#bytes -= this.#bytesInWork;
    this.#bytesInWork = 0;
    const frame = this.#frames.shift();
    if (!frame) return;
    this.#bytesInWork = frame.data.length;
    const messages = this.#guard.admits(frame.data, frame.isBinary);
    if (messages === null) return;
    const rest = [...messages];
    const fitting = this.#take(rest);
    // A frame that starts as a whole is passed on as it is.
    if (fitting.length === messages.length) this.#options.socket.pass(frame.data, frame.isBinary);
    else if (fitting.length > 0)
      this.#options.socket.pass(Buffer.from(JSON.stringify(fitting.map(({ raw }) => raw))), false);
    this.#messages = rest;
  }

  // Removes the messages that may start now from the beginning of the list. Refused ones are answered.
  #take(messages: Message[]): Message[] {
    const fitting: Message[] = [];
    let taken = 0;
    for (const message of messages) {
      if (!this.#mayStart(message)) break;
      taken++;
      this.#countStart();
      const refusal = this.#calls.begin(message);
      if (refusal === null) fitting.push(message);
      else this.#options.refuse(message.id, this.#refused(refusal, message));
    }
    messages.splice(0, taken);
    return fitting;
  }

  #refused(refusal: "duplicate" | "too_many", { id }: Message): TRPCError {
    if (refusal === "duplicate") return new TRPCError({ code: "BAD_REQUEST", message: `Duplicate id ${id}` });
    const message = `A socket has at most ${this.#options.maxSubscriptions} subscriptions, with those that are ending`;
    return new TRPCError({ code: "TOO_MANY_REQUESTS", message, cause: new TelltaleError("too_many", message) });
  }

  #mayStart({ id, method }: Message): boolean {
    if (this.#calls.unanswered >= this.#options.maxInFlight) return false;
    if (id === null || method === "subscription.stop") return true;
    const waitMs = this.#options.pace();
    if (waitMs === 0) return true;
    this.#wait = setTimeout(
      () => {
        this.#wait = null;
        this.work();
      },
      Math.max(waitMs, MIN_WAIT_MS),
    ).unref();
    return false;
  }

  #hasRoom(): boolean {
    if (this.#wait || this.#startedInTurn >= STARTS_PER_TURN) return false;
    return this.#calls.unanswered < this.#options.maxInFlight && this.#options.isRead();
  }

  // Counts what starts until the event loop has been to all other sockets.
  #countStart(): void {
    this.#startedInTurn++;
    this.#turn ??= setImmediate(() => {
      this.#turn = null;
      this.#startedInTurn = 0;
      this.work();
    });
  }

  #pauseOrResume(): void {
    const { maxCalls, maxWaitingBytes } = this.#options;
    const waiting = this.#messages.length + this.#frames.length;
    const isEmpty = waiting === 0;
    if (isEmpty) {
      this.#bytes = 0;
      this.#bytesInWork = 0;
    }
    const isFull = waiting >= maxCalls || this.#bytes >= maxWaitingBytes;
    if (isFull && !this.#isPaused) {
      this.#isPaused = true;
      this.#options.socket.pause();
    }
    // Not within the same turn: libuv would go on reading from this socket, dozens of times, before it looks at others.
    if (isEmpty && this.#isPaused && this.#turn === null) {
      this.#isPaused = false;
      this.#options.socket.resume();
    }
  }
}

function isHeartbeat(data: Buffer): boolean {
  if (data.length !== 4) return false;
  const text = data.toString("latin1");
  return text === "PING" || text === "PONG";
}
