/**
 * The default limits of a gateway. Names end in the unit; bytes are counted on the wire. The values were chosen after
 * measuring a tRPC adapter without limits, which accepted 100 MiB frames and 20,000 subscriptions on one socket, and
 * buffered 250 MB for one client that had stopped reading.
 */
export const GATEWAY_LIMITS = {
  /** Maximum size of an HTTP body. Larger ones are answered with 413. */
  bodyBytes: 1024 * 1024,
  /**
   * Maximum size of all HTTP bodies that are being received or processed. Above it, the oldest unfinished body of the
   * address that sends the most is answered with 503.
   */
  bodiesBytes: 64 * 1024 * 1024,
  /** Maximum size of a WebSocket message, in one frame or several. A larger one closes the socket with 1009. */
  frameBytes: 128 * 1024,
  /** Maximum number of frames per message. A million one-byte fragments cost a hundred times their size. */
  fragments: 64,
  /** Maximum number of chunks received over TCP that an incomplete frame is buffered in. */
  bufferedChunks: 256,
  /** Maximum number of calls in one HTTP batch. */
  batch: 50,
  /**
   * Maximum number of calls in one WebSocket frame. After a reconnect, tRPC's client sends all its subscriptions in one
   * frame, plus a stop message for each one it has ended.
   */
  frameCalls: 250,
  /**
   * Maximum number of calls per WebSocket that have no reply yet. Others wait. When as many wait as one frame may hold,
   * or `frameBytes`, the gateway stops reading from the socket. HTTP requests above it that are sent on one connection
   * without waiting for responses are answered with 429.
   */
  callsInFlight: 50,
  /**
   * Maximum number of calls of one address per second. Above it, calls over WebSocket wait, and HTTP requests are answered
   * with 429. A batch counts as its calls.
   */
  callsPerSecondPerAddress: 2_000,
  /** Maximum number of subscriptions per socket. Only those that ask for admission count; of all, twice as many. */
  subscriptionsPerSocket: 100,
  /** Maximum number of WebSockets and event streams together on which one subject has subscriptions. */
  socketsPerSubject: 100,
  /** Maximum number of TCP connections, WebSocket and HTTP combined. Above it, requests other than probes get a 503. */
  connections: 10_000,
  /**
   * Maximum number of connections of one address (for IPv6, of one /64 network). Others get a 429. On an attached server,
   * and with `trustProxy`, connections count while they have a request, an event stream or a WebSocket.
   */
  connectionsPerAddress: 1_000,
  /** Maximum number of header lines of an HTTP request. Requests with more are answered with 431. */
  headers: 128,
  /** How long a client that announced connectionParams may take to send them. Then the socket is closed with 4408. */
  handshakeMs: 5_000,
  /** How long the headers of a request may take to arrive. Then it is answered with 408. */
  headersMs: 5_000,
  /**
   * How long a whole request may take to arrive. Then it is answered with 408. Responses, including SSE, have no limit.
   */
  requestMs: 30_000,
  /** How long an idle HTTP connection is kept open. */
  keepAliveMs: 5_000,
  /**
   * Idle time before a WebSocket or SSE stream is pinged. Shorter than the idle timeouts of proxies (nginx: 60 s). Clients of
   * SSE streams are told to take a stream for lost after 2.5 times this time, and at least 5 s more than it.
   */
  pingMs: 5_000,
  /** How long to wait for the answer to a WebSocket ping before the socket is terminated. */
  pongMs: 10_000,
  /** How much data may be buffered for one socket before its subscriptions pause and no further call starts. */
  bufferBytes: 64 * 1024,
  /** How much data may be buffered for all sockets and HTTP responses. Above it, those with the most are cut. */
  totalBufferBytes: 128 * 1024 * 1024,
  /** How long a socket's buffer may stay above `bufferBytes` without shrinking. Then it is closed with 4008. */
  stalledMs: 10_000,
  /** How long to wait for the client's answer to a close frame before the connection is destroyed. */
  cutMs: 1_000,
  /** How long `ready` may take. Then GET /readyz responds with 503. */
  readyMs: 2_000,
  /** How long a graceful shutdown waits for clients to disconnect. */
  graceMs: 10_000,
} as const;

/** The limits of a gateway, see `GATEWAY_LIMITS`. */
export type GatewayLimits = { readonly [K in keyof typeof GATEWAY_LIMITS]: number };
