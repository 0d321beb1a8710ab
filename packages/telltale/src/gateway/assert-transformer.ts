import type { AnyTRPCRouter } from "@trpc/server";
import { type Logger, TelltaleError } from "../core/index.js";

/**
 * Throws `invalid_config` unless the router's transformer preserves Dates. tRPC silently accepts a router without a
 * transformer, and clients then receive strings that their types declare as Dates.
 */
export function assertTransformer(router: AnyTRPCRouter): void {
  const { input, output } = router._def._config.transformer;
  if (keepsDates(input) && keepsDates(output)) return;
  throw new TelltaleError(
    "invalid_config",
    'The router turns a Date into something else. Create it with `transformer` from "telltale": initTRPC.create({ transformer })',
  );
}

/**
 * Warns if the router's transformer restores every type that a caller names, as superjson does. A small request can then
 * allocate gigabytes or block the process for many seconds.
 */
export function warnOfUnsafeTransformer(router: AnyTRPCRouter, logger: Logger): void {
  const { input } = router._def._config.transformer;
  try {
    const received: unknown = input.deserialize({ json: "/a/", meta: { values: ["regexp"] } });
    if (!(received instanceof RegExp)) return;
  } catch {
    return;
  }
  logger.warn(
    {},
    'the router\'s transformer restores any type that a caller names; use `transformer` from "telltale", which reads the same format',
  );
}

interface Transformer {
  serialize(value: unknown): unknown;
  deserialize(wire: unknown): unknown;
}

function keepsDates(transformer: Transformer): boolean {
  const sent = new Date(1_700_000_000_000);
  try {
    const wire: unknown = JSON.parse(JSON.stringify(transformer.serialize({ at: sent })));
    const received = transformer.deserialize(wire);
    if (typeof received !== "object" || received === null || !("at" in received)) return false;
    return received.at instanceof Date && received.at.getTime() === sent.getTime();
  } catch {
    return false;
  }
}
