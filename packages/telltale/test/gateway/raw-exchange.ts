import { connect } from "node:net";

const GIVE_UP_MS = 10_000;

/** Everything that a server sent on a raw connection until it closed it. */
export interface RawAnswer {
  readonly text: string;
  /** The status of the first response, or null without one. */
  readonly status: number | null;
}

/**
 * Writes these bytes on a new TCP connection, exactly as they are, and reads until the server closes it (or, with
 * `until`, until the answer holds that text). Rejects when the server leaves the connection open for 10 s.
 */
export function rawExchange(
  port: number,
  bytes: string | Buffer,
  options: Readonly<{ until?: string; thenWrite?: Buffer }> = {},
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    const chunks: Buffer[] = [];
    const text = (): string => Buffer.concat(chunks).toString("latin1");
    const finish = (): void => {
      clearTimeout(timer);
      socket.destroy();
      const status = /^HTTP\/1\.1 (\d{3})/.exec(text())?.[1];
      resolve({ text: text(), status: status === undefined ? null : Number(status) });
    };
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error(`The connection stayed open; so far: ${JSON.stringify(text().slice(0, 200))}`));
    }, GIVE_UP_MS);
    socket.on("error", () => {}); // A reset is a way to close; `close` follows.
    socket.on("close", finish);
    socket.on("data", (chunk) => {
      chunks.push(chunk);
      if (options.until !== undefined && text().includes(options.until)) finish();
      else if (options.thenWrite !== undefined && chunks.length === 1) socket.write(options.thenWrite);
    });
    socket.write(bytes);
  });
}

/** The head of a WebSocket upgrade with these header lines. */
export function upgradeHead(path: string, headers: readonly string[] = []): string {
  const fixed = [
    `GET ${path} HTTP/1.1`,
    ...(headers.some((line) => /^host:/i.test(line)) ? [] : ["Host: localhost"]),
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  ];
  return `${[...fixed, ...headers].join("\r\n")}\r\n\r\n`;
}
