import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** A client that keeps the received text and how its connection ended. */
export interface LineClient extends AsyncDisposable {
  send(text: string): void;
  heard(): string;
  /** Resolves with the error code that ended the connection, or "closed". */
  readonly ended: Promise<string>;
  end(): void;
}

/** Connects to a proxy, or directly to a unix socket. If it is refused, `ended` has the reason. */
export function connectTo(target: { readonly port: number } | { readonly path: string }): LineClient {
  const socket: Socket = connect(target);
  let heard = "";
  let code = "closed";
  socket.on("data", (data) => {
    heard += data.toString();
  });
  socket.on("error", (error) => {
    code = "code" in error ? String(error.code) : error.message;
  });
  const closed = new Promise<string>((resolve) => {
    socket.on("close", () => resolve(code));
  });
  return {
    send: (text) => void socket.write(text),
    heard: () => heard,
    ended: closed,
    end: () => void socket.end(),
    [Symbol.asyncDispose]: async () => {
      if (socket.closed) return;
      socket.destroy();
      await once(socket, "close");
    },
  };
}
