import type { Observe } from "../../core/internal.js";
import { type QueueRetention, rememberMsOf } from "../record/queue-retention.js";
import { lossesOf, openConnection } from "../redis/connection.js";
import type { ConnectionOptions } from "../redis/connection-options.js";
import { queueKeys } from "../redis/keys.js";
import type { Lease } from "./lifecycle/claim.js";
import { type Extended, extend } from "./lifecycle/extend.js";
import { type CodedFailure, fail } from "./lifecycle/fail.js";
import { release } from "./lifecycle/release.js";
import { runScript } from "./run-script.js";

// The part of the queue that the lease thread needs. Keep it small: every application contains the thread's program.

/** The scripts of one queue that extend leases or end them. */
export interface LeaseScripts {
  extend(leases: readonly Lease[], leaseMs: number): Promise<Extended[]>;
  fail(failure: CodedFailure): Promise<void>;
  release(lease: Lease): Promise<void>;
}

/** Returns the lease scripts of these queues, by queue. Opens a new connection, because a thread cannot share that of its parent. */
export function openLeaseScripts(
  options: Readonly<{
    connection: ConnectionOptions;
    prefix: string;
    queues: readonly { readonly queue: string; readonly retention: QueueRetention }[];
    observe: Observe | undefined;
  }>,
): ReadonlyMap<string, LeaseScripts> {
  const redis = openConnection(options.connection, "commands");
  // Node ends a process for an "error" event without a listener. Each call rejects with the error anyway.
  redis.on("error", () => {});
  const losses = lossesOf(redis);
  return new Map(
    options.queues.map(({ queue, retention }): [string, LeaseScripts] => {
      const target = {
        redis,
        keys: queueKeys(options.prefix, queue),
        clock: () => undefined,
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
}
