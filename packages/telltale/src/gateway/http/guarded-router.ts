import { type AnyTRPCRouter, TRPCError } from "@trpc/server";
import type { Logger } from "../../core/index.js";

/**
 * The same procedures, with four settings for strangers.
 *
 * An input the transformer refuses fails its own call with BAD_REQUEST. Left to tRPC, over WebSocket the whole frame is
 * answered without an id, so the callers in it wait for ever; in an HTTP batch all calls fail with it.
 *
 * Stacks never leave the process: tRPC sends them unless NODE_ENV is "production", which is easily forgotten.
 *
 * An errorFormatter that throws costs its own answer only. Before 11.25 tRPC leaves a rejected promise behind, with which
 * Node ends the process.
 *
 * Quiet SSE streams are pinged, unless the router was made with a ping of its own: proxies cut what says nothing for a
 * minute, and a peer that is gone is only noticed by writing to it.
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
      return config.errorFormatter(failed);
    } catch (error) {
      logger.error({ error: error instanceof Error ? error.name : "unknown" }, "the errorFormatter threw");
      return INTERNAL_ERROR;
    }
  };
  // tRPC refuses to serve a stream whose ping is rarer than the silence its client was told to bear.
  const intervalMs = Math.min(pingMs, (config.sse?.client?.reconnectAfterInactivityMs ?? Number.POSITIVE_INFINITY) / 2);
  const sse = { ...config.sse, ping: config.sse?.ping ?? { enabled: true, intervalMs } };
  return {
    ...router,
    _def: { ...router._def, _config: { ...config, transformer, errorFormatter, sse, isDev: false } },
  };
}

const INTERNAL_ERROR = {
  code: -32603,
  message: "Internal error",
  data: { code: "INTERNAL_SERVER_ERROR", httpStatus: 500 },
} as const;

// tRPC hands the input on through an async function, which adopts a thenable: whoever asks for it gets the error. An own
// property, because tRPC spreads the input when it adds `lastEventId`.
function refusedInput(cause: unknown): PromiseLike<never> {
  const error = new TRPCError({ code: "BAD_REQUEST", message: "The input cannot be read", cause });
  const rejected = Promise.reject(error);
  rejected.catch(() => {}); // A procedure without input never asks.
  // biome-ignore lint/suspicious/noThenProperty: being a thenable is the point, see above.
  return { then: (onValue, onError) => rejected.then(onValue, onError) };
}
