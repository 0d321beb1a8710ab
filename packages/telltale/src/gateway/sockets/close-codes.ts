/** Why the gateway closed a WebSocket. The first is RFC 6455's, the others are ours. */
export const CLOSE_CODES = {
  /** The server restarts: connect again. */
  restarting: 1012,
  /** The client did not read what was sent to it. */
  slowReader: 4008,
  /** The first message was not a connectionParams message. */
  badHandshake: 4400,
  /** The first message did not come in time. */
  handshakeTimeout: 4408,
} as const;
