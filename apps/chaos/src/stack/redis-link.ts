import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** A RESP2 reply. */
export type Reply = string | number | null | Error | readonly Reply[];

/**
 * The harness's own connection to Redis, which bypasses every proxy. It injects faults and reads the stored jobs. It is
 * not a client library, because automatic reconnecting would interfere with the test.
 */
export class RedisLink implements Disposable {
  readonly #socket: Socket;
  readonly #waiting: { resolve(reply: Reply): void; reject(error: Error): void }[] = [];
  #unread: Buffer = Buffer.alloc(0);

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (data) => this.#take(data));
    socket.on("error", () => {});
    socket.on("close", () => {
      for (const { reject } of this.#waiting.splice(0)) reject(new Error("Redis closed the connection"));
    });
  }

  /** Whether it is still connected. Sentinels close the connections of a server that they promote. */
  get isOpen(): boolean {
    return !this.#socket.destroyed;
  }

  /** Sends one command. Rejects with the error that Redis replied, and when the connection is lost. */
  send(...command: readonly string[]): Promise<Reply> {
    return new Promise((resolve, reject) => {
      if (this.#socket.destroyed) {
        reject(new Error("The connection to Redis is closed"));
        return;
      }
      this.#waiting.push({ resolve, reject });
      const words = command.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
      this.#socket.write(`*${command.length}\r\n${words.join("")}`);
    });
  }

  /** Sends a command whose reply is a list of strings. */
  async list(...command: readonly string[]): Promise<string[]> {
    const reply = await this.send(...command);
    return Array.isArray(reply) ? reply.map((item: Reply) => String(item ?? "")) : [];
  }

  /** Sends a command whose reply alternates fields and values. */
  async hash(...command: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const flat = await this.list(...command);
    return new Map(flat.flatMap((name, at): [string, string][] => (at % 2 === 0 ? [[name, flat[at + 1] ?? ""]] : [])));
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }

  #take(data: Buffer): void {
    this.#unread = Buffer.concat([this.#unread, data]);
    for (let read = readReply(this.#unread, 0); read; read = readReply(this.#unread, 0)) {
      this.#unread = this.#unread.subarray(read.end);
      const waiting = this.#waiting.shift();
      if (read.reply instanceof Error) waiting?.reject(read.reply);
      else waiting?.resolve(read.reply);
    }
  }
}

/** Connects to a server through its unix socket. */
export async function openRedisLink(socketPath: string): Promise<RedisLink> {
  const socket = connect(socketPath);
  await once(socket, "connect");
  return new RedisLink(socket);
}

interface Read {
  readonly reply: Reply;
  readonly end: number;
}

// Null if the reply is not complete yet.
function readReply(from: Buffer, start: number): Read | null {
  const lineEnd = from.indexOf("\r\n", start);
  if (lineEnd < 0) return null;
  const head = from.toString("utf8", start + 1, lineEnd);
  const next = lineEnd + 2;
  switch (from.toString("utf8", start, start + 1)) {
    case "+":
      return { reply: head, end: next };
    case "-":
      return { reply: new Error(head), end: next };
    case ":":
      return { reply: Number(head), end: next };
    case "$": {
      if (head === "-1") return { reply: null, end: next };
      const end = next + Number(head);
      return from.length < end + 2 ? null : { reply: from.toString("utf8", next, end), end: end + 2 };
    }
    case "*":
      return readItems(from, { count: Number(head), start: next });
    default:
      throw new Error(`Redis sent a reply that is not RESP2: ${head}`);
  }
}

function readItems(from: Buffer, { count, start }: { count: number; start: number }): Read | null {
  const items: Reply[] = [];
  let end = start;
  while (items.length < count) {
    const item = readReply(from, end);
    if (!item) return null;
    items.push(item.reply);
    end = item.end;
  }
  return { reply: items, end };
}
