/**
 * What one gateway lets strangers use. Bytes are of the wire; names end in their unit. They were
 * chosen after measuring a tRPC adapter that sets none of them (100 MiB frames, 20,000 subscriptions on a socket, 250 MB
 * buffered for one client that stopped reading).
 */
export const GATEWAY_LIMITS = {
  /** Largest HTTP body; 413 beyond. */
  bodyBytes: 1024 * 1024,
  /** Largest WebSocket message, in one frame or many; closed with 1009 beyond. */
  frameBytes: 128 * 1024,
  /** Frames of one message. A million one-byte fragments cost a hundred times their size. */
  fragments: 64,
  /** Pieces of TCP that one unfinished frame may be kept in. */
  bufferedChunks: 256,
  /** Calls of one batch over HTTP. */
  batch: 50,
  /**
   * Calls in one frame. tRPC's client sends what it has in one: after a lost connection that is every subscription it
   * held, and beside them the ends of those it gave up.
   */
  frameCalls: 250,
  /** Subscriptions that ask for admission, per socket. */
  subscriptionsPerSocket: 100,
  /** Sockets on which one subject holds subscriptions. */
  socketsPerSubject: 100,
  /** Open TCP connections, WebSocket and HTTP together; 503 beyond, except for the probes. */
  connections: 10_000,
  /** HTTP header lines of one request; 431 beyond. */
  headers: 128,
  /** Until a socket that announced connectionParams has sent them; closed with 4408. */
  handshakeMs: 5_000,
  /** Until the headers of a request are there; 408. */
  headersMs: 5_000,
  /** Until the whole request is there; 408. Answers, and so SSE, may last as long as they like. */
  requestMs: 30_000,
  /** How long an idle HTTP connection is kept. */
  keepAliveMs: 5_000,
  /** Silence before a socket is asked, or an SSE stream told, whether it lives. Under the idle limits of proxies (nginx: 60 s). */
  pingMs: 20_000,
  /** Silence after that question before it is cut. */
  pongMs: 10_000,
  /** How much may wait to be sent to one socket before its generators stop yielding. */
  bufferBytes: 64 * 1024,
  /** How long a socket may stay above `bufferBytes` without falling; then closed with 4008. */
  stalledMs: 10_000,
  /** From a close to the cut, when the peer does not answer. */
  cutMs: 1_000,
  /** How long `ready` may take; 503 beyond. */
  readyMs: 2_000,
  /** How long a drain waits for its clients to leave. */
  graceMs: 10_000,
} as const;

/** See `GATEWAY_LIMITS`. */
export type GatewayLimits = { readonly [K in keyof typeof GATEWAY_LIMITS]: number };
