/** The id of a call. 1 and "1" are different ids. */
export type Id = number | string;

const METHODS = ["query", "mutation", "subscription", "subscription.stop"] as const;
const MAX_ID_LENGTH = 64;

/** One message of a frame: a call, or the end of a subscription. */
export interface Message {
  /** Null if the client sent null. tRPC answers such a message with an error. */
  readonly id: Id | null;
  readonly method: (typeof METHODS)[number];
  /** The message as the client sent it. */
  readonly raw: unknown;
}

export function isId(value: unknown): value is Id {
  return typeof value === "number" || (typeof value === "string" && value.length <= MAX_ID_LENGTH);
}

/** Reads a message, with the same rules as tRPC. Returns null if it is malformed. */
export function messageOf(raw: unknown): Message | null {
  if (typeof raw !== "object" || raw === null || !("id" in raw) || !("method" in raw)) return null;
  const { id } = raw;
  if (id !== null && !isId(id)) return null;
  if ("jsonrpc" in raw && raw.jsonrpc !== "2.0") return null;
  const method = METHODS.find((known) => known === raw.method);
  if (method === undefined) return null;
  const isCall = method === "subscription.stop" || ("params" in raw && isParams(raw.params));
  return isCall ? { id, method, raw } : null;
}

function isParams(params: unknown): boolean {
  if (typeof params !== "object" || params === null || Array.isArray(params)) return false;
  if (!("path" in params) || typeof params.path !== "string") return false;
  return !("lastEventId" in params) || typeof params.lastEventId === "string";
}
