/** The codes with which the gateway closes WebSockets. 1012 is registered with IANA; the others are Telltale's. */
export const CLOSE_CODES = {
  /** The server is restarting. Clients should reconnect. */
  restarting: 1012,
  /** The client stopped reading the data sent to it. */
  slowReader: 4008,
  /** The caller's credentials have expired or were revoked. Clients should connect again with new ones. */
  credentialsExpired: 4401,
  /** The first message was not a connectionParams message. */
  badHandshake: 4400,
  /** The first message did not arrive in time. */
  handshakeTimeout: 4408,
} as const;
