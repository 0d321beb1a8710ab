import { type Id, isId } from "./message.js";

/** What a message of the server says about a call. `stopped` ends a subscription, `error` any call. */
export interface ReplyHead {
  readonly id: Id;
  readonly type: "started" | "stopped" | "data" | "error";
}

// The order in which tRPC writes the fields. Only the beginning is read, because a reply may have hundreds of kilobytes.
const HEAD =
  /^\{"id":(-?\d[\d.eE+-]*|"(?:[^"\\]|\\.){0,400}"),(?:"jsonrpc":"2\.0",)?"(?:(error)":|result":\{"type":"(started|stopped|data)")/;

/** Reads the head of a reply. Returns null for messages that answer no call. */
export function replyHead(sent: string): ReplyHead | null {
  const match = HEAD.exec(sent);
  if (!match) return sent.startsWith("{") ? slowReplyHead(JSON.parse(sent)) : null;
  const [, id = "", error, type] = match;
  return { id: JSON.parse(id), type: error === undefined ? typeOf(type) : "error" };
}

// For a version of tRPC that writes the fields in another order.
function slowReplyHead(
  reply: Readonly<{ id?: unknown; result?: Readonly<{ type?: string }>; error?: unknown }>,
): ReplyHead | null {
  const { id, result, error } = reply;
  if (!isId(id) || (result === undefined && error === undefined)) return null;
  return { id, type: error === undefined ? typeOf(result?.type) : "error" };
}

function typeOf(type: string | undefined): ReplyHead["type"] {
  return type === "started" || type === "stopped" ? type : "data";
}
