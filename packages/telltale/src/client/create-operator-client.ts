import { type BulkAction, type BulkOptions, type BulkRun, type JobFeed, TelltaleError } from "../core/index.js";
import { assertKnownOptions, bulkSteps, durationMs } from "../core/internal.js";
import { callOnce } from "./calls/call-once.js";
import {
  readFailures,
  readHistory,
  readProgress,
  readQueuePaused,
  readQueues,
  readShownFrame,
  readWorkers,
  readWorkersDrained,
} from "./calls/operator-replies.js";
import type { ClientControls } from "./create-client.js";
import { FeedIterator } from "./feeds/feed-iterator.js";
import { LatestBox } from "./feeds/latest-box.js";
import { SubscriptionLimit } from "./feeds/subscription-limit.js";
import type { WatchOptions } from "./job-client.js";
import type { OperatorClient } from "./operator-client.js";
import { type CallsByPath, callsOf, type OperatorProcedures } from "./operator-procedures.js";
import { SHARED, type Shared } from "./shared.js";
import { Closing } from "./transport/closing.js";
import { Wake } from "./transport/wake.js";

/** The options of `createOperatorClient`. */
export interface OperatorClientOptions {
  /** Closes the client: when the signal aborts, everything in progress and all later calls reject with `closed`. */
  readonly signal?: AbortSignal | undefined;
}

/** The most open watches of a client that is made from a tRPC client, as in `createJobsClient`. */
const SUBSCRIPTIONS = 100;

interface Opened extends Omit<Shared, "router"> {
  readonly calls: CallsByPath;
}

/**
 * Creates a client for operators, from a `Client` that `createClient` returned, or from the jobs procedures of a tRPC client that you
 * already have: `createOperatorClient(trpc.jobs)`. It shares the connection of the client that it is made from, and is closed with it.
 * Its calls reject with `forbidden` for callers who are not operators. Throws `invalid_config` for an unknown option.
 */
export function createOperatorClient(
  source: OperatorProcedures | ClientControls,
  options: OperatorClientOptions = {},
): OperatorClient {
  assertKnownOptions("createOperatorClient", options, { signal: true });
  const opened = SHARED in source ? ofClient(source, options) : ofProcedures(source, options);
  const { calls, closing } = opened;
  const query = (path: string, input?: unknown): Promise<unknown> =>
    callOnce(closing, (signal) => calls.query(path, input, { signal }));
  const mutate = (path: string, input: unknown): Promise<unknown> =>
    callOnce(closing, (signal) => calls.mutate(path, input, { signal }));
  // Each step is one call.
  const steps = (path: string, input: object, { dryRun, ...bulkOptions }: BulkOptions) =>
    bulkSteps(async (cursor) => {
      const asked = { ...input, ...(dryRun ? { dryRun } : {}), ...(cursor === undefined ? {} : { cursor }) };
      return readProgress(await mutate(path, asked));
    }, bulkOptions);
  const bulk =
    (action: BulkAction): BulkRun =>
    (filter, bulkOptions = {}) =>
      steps("bulk.step", { action, filter }, bulkOptions);
  return {
    workers: {
      list: async () => readWorkers(await query("workers.list")),
      watch: (watchOptions) => shown(opened, { path: "workers.onChange", read: readWorkers, ...watchOptions }),
      drain: async (name) => readWorkersDrained(await mutate("workers.drain", { name })),
    },
    queues: {
      list: async () => readQueues(await query("queues.list")),
      watch: (watchOptions) => shown(opened, { path: "queues.onStats", read: readQueues, ...watchOptions }),
      history: async (asked) => readHistory(await query("queues.history", asked)),
      pause: async (queue) => readQueuePaused(await mutate("queues.pause", { queue })),
      resume: async (queue) => readQueuePaused(await mutate("queues.resume", { queue })),
      drain: (queue, bulkOptions = {}) => steps("queues.drain", { queue }, bulkOptions),
      clean: (queue, { olderThan, ...bulkOptions }) =>
        steps("queues.clean", { queue, olderThanMs: durationMs(olderThan) }, bulkOptions),
      obliterate(queue, { confirm, ...bulkOptions }) {
        if (confirm !== queue) throw new TelltaleError("invalid_input", "`confirm` is not the name of the queue");
        return steps("queues.obliterate", { queue, confirm }, bulkOptions);
      },
    },
    failures: async () => readFailures(await query("failures")),
    bulk: { cancel: bulk("cancel"), rerun: bulk("rerun"), remove: bulk("remove"), runNow: bulk("runNow") },
  };
}

function ofClient(client: ClientControls, { signal }: OperatorClientOptions): Opened {
  const { router, closing: clients, wake, limit } = client[SHARED];
  const closing = Closing.from(signal);
  if (clients.isClosed) closing.close();
  clients.on(() => closing.close());
  const { $trpc: trpc } = client;
  const path = (name: string): string => (router ? `${router}.${name}` : name);
  return {
    ...{ closing, wake, limit },
    calls: {
      query: (name, input, options) => trpc.query(path(name), input, options),
      mutate: (name, input, options) => trpc.mutation(path(name), input, options),
      subscribe: (name, input, observer) => trpc.subscription(path(name), input, { ...observer }),
    },
  };
}

function ofProcedures(procedures: OperatorProcedures, { signal }: OperatorClientOptions): Opened {
  return {
    calls: callsOf(procedures),
    closing: Closing.from(signal),
    wake: new Wake(),
    limit: new SubscriptionLimit(SUBSCRIPTIONS),
  };
}

/** Iterates over what a subscription shows. Each frame shows everything, so a slow reader gets only the latest. */
function shown<T extends object>(
  { calls, closing, wake, limit }: Opened,
  { path, read, after, signal, onConnection }: WatchOptions & Readonly<{ path: string; read: (data: unknown) => T }>,
): JobFeed<T> {
  return new FeedIterator<T>({
    ...{ after, signal, closing, limit, wake, onConnection },
    box: new LatestBox<T>(),
    open: (lastEventId, observer) => calls.subscribe(path, lastEventId ? { lastEventId } : {}, observer),
    read: (raw) => {
      const { position, shown: item } = readShownFrame(raw, read);
      return { item, position, isFinal: false };
    },
  });
}
