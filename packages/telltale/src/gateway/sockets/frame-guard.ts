import { TRPCError } from "@trpc/server";

type Id = number | string;

/** What a guard is made of. */
export interface FrameGuardOptions {
  /** Calls of one frame. */
  readonly maxCalls: number;
  /** Whether the first message is the connectionParams, which are somebody else's to judge. */
  readonly expectsParams: boolean;
  /** Answers a call that tRPC does not get to see; null for one that named no id. */
  readonly refuse: (id: Id | null, error: TRPCError) => void;
}

/**
 * Does to the frames of one socket what only newer versions of tRPC's adapter do.
 *
 * A frame with too many calls is refused before any input is read (11.25), as are one whose ids are no ids (11.19), and a
 * binary one (before 11.9 read as text).
 *
 * The end of a subscription counts even when it comes while the subscription is still being set up. Until 11.25 the adapter
 * forgets such an end, and the subscription would run for as long as its socket: it is said again after the `started`.
 */
export class FrameGuard {
  readonly #options: FrameGuardOptions;
  /** Subscriptions that are being set up, and whether their end was asked for. */
  readonly #starting = new Map<Id, boolean>();
  #expectsParams: boolean;

  constructor(options: FrameGuardOptions) {
    this.#options = options;
    this.#expectsParams = options.expectsParams;
  }

  /** Whether tRPC gets this frame. One that it does not get was answered. */
  admits(data: unknown, isBinary: boolean): boolean {
    const text = !isBinary && Buffer.isBuffer(data) ? data.toString("utf8") : null;
    if (text === "PING" || text === "PONG") return true;
    if (this.#expectsParams) {
      this.#expectsParams = false;
      return true;
    }
    if (text === null) return this.#refuse([null], "PARSE_ERROR", "A frame is text");
    return this.#admitsMessages(parse(text));
  }

  /** What to tell tRPC now that this was sent: the ends of subscriptions that it forgot. */
  framesAfter(sent: unknown): Buffer[] {
    if (this.#starting.size === 0 || typeof sent !== "string") return [];
    const { id, result, error } = fields(parse(sent));
    if (!isId(id) || !this.#starting.has(id)) return [];
    const { type } = fields(result);
    if (type !== "started" && type !== "stopped" && error === undefined) return [];
    const isEnded = this.#starting.get(id) === true;
    this.#starting.delete(id);
    return isEnded && type === "started" ? [Buffer.from(JSON.stringify({ id, method: "subscription.stop" }))] : [];
  }

  // What is no JSON, or no message, tRPC answers by itself.
  #admitsMessages(frame: unknown): boolean {
    const messages = (Array.isArray(frame) ? frame : [frame]).map(fields);
    const { maxCalls } = this.#options;
    if (messages.length > maxCalls) {
      const calls = messages.flatMap(({ id, method }) => (isId(id) && method !== STOP ? [id] : []));
      return this.#refuse(calls.length > 0 ? calls : [null], "BAD_REQUEST", `A frame holds at most ${maxCalls} calls`);
    }
    if (messages.some(({ id }) => id !== undefined && id !== null && !isId(id))) {
      return this.#refuse([null], "PARSE_ERROR", "An id is a number or a string");
    }
    for (const { id, method } of messages) {
      if (!isId(id)) continue;
      if (method === "subscription") this.#starting.set(id, false);
      if (method === STOP && this.#starting.has(id)) this.#starting.set(id, true);
    }
    return true;
  }

  #refuse(ids: readonly (Id | null)[], code: "PARSE_ERROR" | "BAD_REQUEST", message: string): false {
    const error = new TRPCError({ code, message });
    for (const id of ids) this.#options.refuse(id, error);
    return false;
  }
}

const STOP = "subscription.stop";

function isId(id: unknown): id is Id {
  return typeof id === "string" || typeof id === "number";
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
