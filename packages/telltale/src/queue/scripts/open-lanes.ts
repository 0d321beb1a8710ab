import type { Logger } from "../../core/index.js";
import { silentLogger } from "../../core/internal.js";
import type { QueueRetention } from "../record/queue-retention.js";
import { type ConnectionOptions, lossesOf, openConnection } from "../redis/connection.js";
import { queueKeys } from "../redis/keys.js";
import { logTroubles } from "../redis/log-troubles.js";
import { Lane } from "./lane.js";

/** Lanes by queue, with a connection of their own. */
export interface OwnLanes {
  readonly lanes: ReadonlyMap<string, Lane>;
  /** Safe to call twice. */
  close(): void;
}

/** Opens lanes over one new connection: what a thread does, which cannot share its parent's. */
export function openLanes(
  options: Readonly<{
    connection: ConnectionOptions;
    prefix: string;
    queues: readonly { readonly queue: string; readonly retention: QueueRetention }[];
    logger?: Logger;
  }>,
): OwnLanes {
  const redis = openConnection(options.connection, "commands");
  logTroubles(redis, options.logger ?? silentLogger, "leases");
  const losses = lossesOf(redis);
  const lanes = options.queues.map(({ queue, retention }): [string, Lane] => [
    queue,
    new Lane({ redis, keys: queueKeys(options.prefix, queue), clock: () => undefined, losses }, retention),
  ]);
  return { lanes: new Map(lanes), close: () => redis.disconnect() };
}
