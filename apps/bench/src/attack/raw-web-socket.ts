import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** A WebSocket whose client reads nothing unless told to, which a library's client cannot do. */
export async function openRawWebSocket(port: number, authorization: string): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  await once(socket, "connect");
  socket.write(upgradeHead(authorization));
  await Promise.race([once(socket, "readable"), once(socket, "close")]);
  return socket;
}

/** The request that opens a WebSocket. */
export function upgradeHead(authorization: string): string {
  return [
    "GET /trpc HTTP/1.1",
    "Host: localhost",
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    `Authorization: ${authorization}`,
    "\r\n",
  ].join("\r\n");
}

/** A text frame of a client. Its mask is zero, so that the text stays readable. */
export function textFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  const isLong = payload.length > 65_535;
  const head = Buffer.alloc(isLong ? 14 : 8);
  head[0] = 0x81;
  head[1] = 0x80 | (isLong ? 127 : 126);
  if (isLong) head.writeBigUInt64BE(BigInt(payload.length), 2);
  else head.writeUInt16BE(payload.length, 2);
  return Buffer.concat([head, payload]);
}
