import { TRPCError } from "@trpc/server";
import { type Id, isId, type Message, messageOf } from "./message.js";
import type { ReplyHead } from "./reply-head.js";

export interface FrameGuardOptions {
  /** Maximum number of calls in one frame. */
  readonly maxCalls: number;
  /** Whether the first message must be the connectionParams, which `awaitHandshake` checks. */
  readonly expectsParams: boolean;
  /** Answers a call that is not passed to tRPC. The id is null if the call has none. */
  readonly refuse: (id: Id | null, error: TRPCError) => void;
}

/**
 * Adds checks to the frames of one socket that only newer versions of tRPC's adapter have.
 *
 * Frames with too many calls (11.25), invalid ids (11.19) or malformed messages are refused before any input is read. So
 * are binary frames, which versions before 11.9 read as text.
 *
 * A `subscription.stop` that arrives while its subscription is still being set up takes effect. Until 11.25 the adapter
 * ignores it, and the subscription would run until its socket closes. The guard repeats the stop after `started`.
 */
export class FrameGuard {
  readonly #options: FrameGuardOptions;
  /** Subscriptions that are being set up, and whether the client has asked to stop them. */
  readonly #starting = new Map<Id, boolean>();
  #expectsParams: boolean;

  constructor(options: FrameGuardOptions) {
    this.#options = options;
    this.#expectsParams = options.expectsParams;
  }

  /**
   * The messages of a frame to pass to tRPC, or null if the frame was refused and answered. Frames that tRPC refuses
   * itself, because they are not JSON, have no messages.
   */
  admits(data: Buffer, isBinary: boolean): readonly Message[] | null {
    const text = isBinary ? null : data.toString("utf8");
    if (this.#expectsParams) {
      this.#expectsParams = false;
      return [];
    }
    if (text === null) return this.#refuse([null], "PARSE_ERROR", "A frame is text");
    const frame = parse(text);
    return frame === undefined ? [] : this.#admitsMessages(frame);
  }

  /** The frames to pass to tRPC after it has sent this reply: the stop messages that it ignored. */
  framesAfter({ id, type }: ReplyHead): Buffer[] {
    if (type === "data" || !this.#starting.has(id)) return [];
    const isEnded = this.#starting.get(id) === true;
    this.#starting.delete(id);
    return isEnded && type === "started" ? [Buffer.from(JSON.stringify({ id, method: "subscription.stop" }))] : [];
  }

  #admitsMessages(frame: unknown): readonly Message[] | null {
    const raw: readonly unknown[] = Array.isArray(frame) ? frame : [frame];
    const { maxCalls } = this.#options;
    if (raw.length > maxCalls) {
      const calls = raw.flatMap((one) => callIdOf(one) ?? []);
      return this.#refuse(calls.length > 0 ? calls : [null], "BAD_REQUEST", `A frame holds at most ${maxCalls} calls`);
    }
    const messages: Message[] = [];
    for (const one of raw) {
      const message = messageOf(one);
      if (!message) return this.#refuse([null], "PARSE_ERROR", "A message is not a call of tRPC");
      messages.push(message);
    }
    for (const { id, method } of messages) {
      if (id === null) continue;
      if (method === "subscription") this.#starting.set(id, false);
      if (method === "subscription.stop" && this.#starting.has(id)) this.#starting.set(id, true);
    }
    return messages;
  }

  #refuse(ids: readonly (Id | null)[], code: "PARSE_ERROR" | "BAD_REQUEST", message: string): null {
    const error = new TRPCError({ code, message });
    for (const id of ids) this.#options.refuse(id, error);
    return null;
  }
}

function callIdOf(raw: unknown): Id | null {
  if (typeof raw !== "object" || raw === null || !("id" in raw) || !isId(raw.id)) return null;
  return "method" in raw && raw.method === "subscription.stop" ? null : raw.id;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
