import { TRPCError } from "@trpc/server";

type Id = number | string;

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
 * Frames with too many calls (11.25) or invalid ids (11.19) are refused before any input is read. So are binary frames,
 * which versions before 11.9 read as text.
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

  /** Whether to pass this frame to tRPC. A refused frame has already been answered. */
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

  /** The frames to pass to tRPC after it has sent this message: the stop messages that it ignored. */
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

  // Frames that are not JSON or not a message are passed on, because tRPC answers them itself.
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
