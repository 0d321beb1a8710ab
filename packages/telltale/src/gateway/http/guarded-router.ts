import { type AnyTRPCRouter, TRPCError } from "@trpc/server";
import { type Logger, TelltaleError } from "../../core/index.js";

/** A client waits for the next ping, and for half an interval more in case it is late. */
const PINGS_PER_SILENCE = 2.5;
const SLOW_LINE_MS = 5_000;

/**
 * Returns the router with five changes that make it safe to serve to untrusted clients.
 *
 * An input that the transformer rejects only fails its own call, with BAD_REQUEST. In tRPC itself, a WebSocket frame
 * with such an input is answered without an id, so its callers wait forever, and all calls of an HTTP batch fail.
 *
 * Stack traces are never sent. tRPC sends them unless NODE_ENV is "production", which is easily forgotten.
 *
 * An errorFormatter that throws only affects its own response. Before 11.25, tRPC leaves an unhandled rejection, which
 * crashes the process.
 *
 * A subscription that is refused because its socket has no room for it says how many a socket holds, also without
 * `telltaleErrorFormatter`. Otherwise Telltale's client would not know that it has to open another socket.
 *
 * Idle SSE streams are pinged, and their clients are told how long a stream is silent at most, unless the router was
 * created with its own settings. A client notices a dead connection only by silence, and a server only by writing to it.
 * Proxies close connections that are idle for a minute.
 */
export function guardedRouter<R extends AnyTRPCRouter>(
  router: R,
  { pingMs, logger }: Readonly<{ pingMs: number; logger: Logger }>,
): R {
  const config = router._def._config;
  const { input, output } = config.transformer;
  const deserialize = (wire: unknown): unknown => {
    try {
      return input.deserialize(wire);
    } catch (cause) {
      return refusedInput(cause);
    }
  };
  const transformer = { input: { serialize: input.serialize, deserialize }, output };
  const errorFormatter: typeof config.errorFormatter = (failed) => {
    try {
      return withSocketLimit(config.errorFormatter(failed), failed.error);
    } catch (error) {
      logger.error({ error: error instanceof Error ? error.name : "unknown" }, "the errorFormatter threw");
      return INTERNAL_ERROR;
    }
  };
  return {
    ...router,
    _def: {
      ...router._def,
      _config: { ...config, transformer, errorFormatter, sse: pinged(config.sse, pingMs), isDev: false },
    },
  };
}

function withSocketLimit<S extends { readonly data: object }>(shape: S, { cause }: TRPCError): S {
  if (!(cause instanceof TelltaleError) || Object(cause.data).subscriptionsPerSocket === undefined) return shape;
  return { ...shape, data: { telltale: { code: cause.code, data: cause.data }, ...shape.data } };
}

type Sse = AnyTRPCRouter["_def"]["_config"]["sse"];

function pinged(sse: Sse, pingMs: number): NonNullable<Sse> {
  const toldMs = sse?.client?.reconnectAfterInactivityMs;
  // tRPC refuses to serve a stream whose ping interval is longer than its client's inactivity timeout.
  const ping = sse?.ping ?? { enabled: true, intervalMs: Math.min(pingMs, (toldMs ?? Number.POSITIVE_INFINITY) / 2) };
  if (!ping.enabled) return { ...sse, ping };
  const { intervalMs = 1_000 } = ping;
  const silenceMs = Math.max(PINGS_PER_SILENCE * intervalMs, intervalMs + SLOW_LINE_MS);
  return { ...sse, ping, client: { ...sse?.client, reconnectAfterInactivityMs: toldMs ?? silenceMs } };
}

const INTERNAL_ERROR = {
  code: -32603,
  message: "Internal error",
  data: { code: "INTERNAL_SERVER_ERROR", httpStatus: 500 },
} as const;

// tRPC returns the input from an async function, which awaits a thenable, so reading the input throws the error. `then`
// is an own property, because tRPC spreads the input when it adds `lastEventId`.
function refusedInput(cause: unknown): PromiseLike<never> {
  const error = new TRPCError({ code: "BAD_REQUEST", message: "The input cannot be read", cause });
  const rejected = Promise.reject(error);
  rejected.catch(() => {}); // A procedure without an input never reads it.
  // biome-ignore lint/suspicious/noThenProperty: being a thenable is the point, see above.
  return { then: (onValue, onError) => rejected.then(onValue, onError) };
}
