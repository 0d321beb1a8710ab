import type { Observe } from "../../core/internal.js";
import { type QueueRetention, rememberMsOf } from "../record/queue-retention.js";
import { lossesOf, openConnection } from "../redis/connection.js";
import type { ConnectionOptions } from "../redis/connection-options.js";
import { queueKeys, registryKeys } from "../redis/keys.js";
import type { Lease } from "./lifecycle/claim.js";
import { type Extended, extend } from "./lifecycle/extend.js";
import { type CodedFailure, fail } from "./lifecycle/fail.js";
import { release } from "./lifecycle/release.js";
import { runScript } from "./run-script.js";
import { type Beat, beat } from "./workers/beat.js";

// The part of the queue that the lease thread needs. Keep it small: every application contains the thread's program.

/** The scripts of one queue that extend leases or end them. */
export interface LeaseScripts {
  extend(leases: readonly Lease[], leaseMs: number): Promise<Extended[]>;
  fail(failure: CodedFailure): Promise<void>;
  release(lease: Lease): Promise<void>;
}

/** What the lease thread calls. */
export interface ThreadScripts {
  readonly byQueue: ReadonlyMap<string, LeaseScripts>;
  /** Tells that the worker is there. */
  beat(told: Beat): Promise<void>;
}

/** Returns the scripts of the lease thread. Opens a new connection, because a thread cannot share that of its parent. */
export function openLeaseScripts(
  options: Readonly<{
    connection: ConnectionOptions;
    prefix: string;
    queues: readonly { readonly queue: string; readonly retention: QueueRetention }[];
    observe: Observe | undefined;
  }>,
): ThreadScripts {
  const redis = openConnection(options.connection, "commands");
  // Node ends a process for an "error" event without a listener. Each call rejects with the error anyway.
  redis.on("error", () => {});
  const losses = lossesOf(redis);
  const clock = (): undefined => undefined;
  const registry = { meta: registryKeys(options.prefix).seen, queue: null };
  const byQueue = new Map(
    options.queues.map(({ queue, retention }): [string, LeaseScripts] => {
      const target = {
        redis,
        keys: queueKeys(options.prefix, queue),
        clock,
        losses,
        observe: options.observe,
      };
      const rememberMs = rememberMsOf(retention);
      return [
        queue,
        {
          extend: (leases, leaseMs) => runScript(target, extend, { leases, leaseMs }),
          fail: async (failure) => void (await runScript(target, fail, { items: [failure], rememberMs })),
          release: async (lease) => void (await runScript(target, release, { items: [lease], rememberMs })),
        },
      ];
    }),
  );
  const { observe } = options;
  const target = { redis, keys: registry, clock, losses, observe };
  return { byQueue, beat: async (told) => void (await runScript(target, beat, told)) };
}
