import { once } from "node:events";
import { WebSocket } from "ws";

/** A WebSocket client that sends any messages. */
export interface OpenSocket extends Disposable {
  readonly ws: WebSocket;
  send(message: unknown): void;
  /** Resolves with the next message for which the predicate is true. PINGs are ignored. */
  next<T>(accepts: (message: Message) => T | undefined | false): Promise<T>;
  /** The close code of the server. */
  closed(): Promise<number>;
}

/** The parts of a tRPC message from the server that tests use. */
export interface Message {
  readonly id?: unknown;
  readonly method?: string;
  readonly result?: { readonly type?: string; readonly id?: string; readonly data?: { readonly json: unknown } };
  readonly error?: { readonly json: { readonly message: string; readonly data: { readonly code: string } } };
}

/** Connects, and rejects if the server refuses the upgrade. */
export async function openSocket(url: string): Promise<OpenSocket> {
  const ws = new WebSocket(url);
  const seen: Message[] = [];
  const waiting = new Set<() => void>();
  ws.on("message", (data) => {
    if (String(data) === "PING" || String(data) === "PONG") return;
    seen.push(JSON.parse(String(data)));
    for (const look of waiting) look();
  });
  const closed = new Promise<number>((resolve) => ws.once("close", resolve));
  await once(ws, "open");
  ws.on("error", () => {});
  return {
    ws,
    send: (message) => ws.send(typeof message === "string" ? message : JSON.stringify(message)),
    next: (accepts) =>
      new Promise((resolve) => {
        const look = (): void => {
          for (const [index, message] of seen.entries()) {
            const accepted = accepts(message);
            if (accepted === undefined || accepted === false) continue;
            seen.splice(index, 1);
            waiting.delete(look);
            resolve(accepted);
            return;
          }
        };
        waiting.add(look);
        look();
      }),
    closed: () => closed,
    [Symbol.dispose]: () => ws.terminate(),
  };
}

/** Accepts the answer to the message with this id. */
export const answerTo =
  (id: unknown) =>
  (message: Message): Message | undefined =>
    message.id === id ? message : undefined;
