import {
  type AnyJob,
  type InputOf,
  type Jobs,
  type ListOptions,
  type SubmitItem,
  type SubmitOptions,
  TelltaleError,
} from "../core/index.js";
import { assertKnownOptions, isKind, jobPages } from "../core/internal.js";
import { callOnce } from "./calls/call-once.js";
import { RemoteJob, type RemoteJobOptions } from "./calls/remote-job.js";
import { readPage, type Submitted } from "./calls/reply.js";
import { submit } from "./calls/submit.js";
import { submitMany } from "./calls/submit-many.js";
import { SubscriptionLimit } from "./feeds/subscription-limit.js";
import type { JobClient, JobClients } from "./job-client.js";
import type { JobsProcedures, Subscribe, WireProcedures } from "./procedures.js";
import { toTelltaleError } from "./to-telltale-error.js";
import { Closing } from "./transport/closing.js";
import { Wake } from "./transport/wake.js";

/** The options of `createJobsClient`. */
export interface JobsClientOptions {
  /** Closes the client: when the signal aborts, everything in progress and all later calls reject with `closed`. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * The maximum of open `watch` and `chunks` iterations, equal to the default of the gateway's limit per socket. Further ones take turns
 * with them. A lower limit is learned from the gateway's first refusal.
 */
const SUBSCRIPTIONS = 100;

/**
 * Creates a typed client for the contracts of `T` on a tRPC client that you already have: `createJobsClient<typeof
 * jobs>(trpc.jobs)`. The links of that client determine the transport and the authorization. Subscriptions need a `wsLink` or an
 * `httpSubscriptionLink`; without one, `watch` and `chunks` reject with `invalid_config`. Throws `invalid_config` for an unknown
 * option.
 */
export function createJobsClient<T extends Jobs>(trpc: JobsProcedures, options: JobsClientOptions = {}): JobClients<T> {
  assertKnownOptions("createJobsClient", options, { signal: true });
  const limit = new SubscriptionLimit(SUBSCRIPTIONS);
  const procedures = {
    submit: trpc.submit,
    submitMany: trpc.submitMany,
    cancel: trpc.cancel,
    get: trpc.get,
    list: trpc.list,
    onStatus: { subscribe: learning(limit, trpc.onStatus) },
    onChunk: { subscribe: learning(limit, trpc.onChunk) },
  };
  return byKind<T, object>(procedures, {
    closing: Closing.from(options.signal),
    wake: new Wake(),
    limit,
    controls: {},
  });
}

/** Subscribes, and learns the gateway's limit per socket when it refuses a subscription because of it. */
function learning(limit: SubscriptionLimit, procedure: JobsProcedures["onStatus"]): Subscribe {
  // As in `byKind`, which has the reason.
  const { subscribe } = procedure as WireProcedures["onStatus"];
  return (input, observer) =>
    subscribe(input, {
      ...observer,
      onError: (error) => {
        const { subscriptionsPerSocket: most } = Object(toTelltaleError(error).data);
        if (most > 0) limit.most = most;
        observer.onError(error);
      },
    });
}

/** The options of `byKind`. */
export interface ByKindOptions<C> {
  readonly closing: Closing;
  readonly wake: Wake;
  readonly limit: SubscriptionLimit;
  /** The members of the client beside its kinds. */
  readonly controls: C;
}

/** Creates an object with `controls` and a `JobClient` for every name that can be a kind. */
export function byKind<T extends Jobs, C extends object>(
  trpc: JobsProcedures,
  { closing, wake, limit, controls }: ByKindOptions<C>,
): JobClients<T> & C {
  // The only cast from typed to untyped procedures. The router's input types come from the same contracts as `T`, but TypeScript
  // cannot compare the two.
  const procedures = trpc as WireProcedures;
  const clients = new Map<string, JobClient<AnyJob>>();
  const clientOf = (kind: string): JobClient<AnyJob> => {
    const client = clients.get(kind) ?? jobClient(kind, { procedures, closing, wake, limit });
    clients.set(kind, client);
    return client;
  };
  const proxy = new Proxy(controls, {
    get: (target, name) =>
      typeof name === "string" && !(name in target) && isKind(name) ? clientOf(name) : Reflect.get(target, name),
  });
  // The kinds are unknown at run time, because the client only has the types of the contracts.
  return proxy as JobClients<T> & C;
}

type Shared = Omit<RemoteJobOptions, "kind" | "ref" | "statusAtSubmit">;

function jobClient(kind: string, shared: Shared): JobClient<AnyJob> {
  const { procedures, closing } = shared;
  const assertOpen = (): void => {
    if (closing.isClosed) throw new TelltaleError("closed", "The client was closed");
  };
  const handle = ({ id, token, status }: Pick<Submitted, "id" | "token"> & Partial<Submitted>) =>
    new RemoteJob({ kind, ref: token === undefined ? { id } : { id, token }, statusAtSubmit: status, ...shared });
  return {
    job: (id, { token } = {}) => handle({ id, token }),
    async submit(input: InputOf<AnyJob>, options: SubmitOptions = {}) {
      assertOpen();
      return handle(await submit(procedures, { kind, input, options, closing }));
    },
    async submitMany(items: readonly SubmitItem<AnyJob>[]) {
      assertOpen();
      const outcomes = await submitMany(procedures, { kind, items, closing });
      return outcomes.map((outcome) => (outcome.ok ? { ok: true, job: handle(outcome.job) } : outcome));
    },
    list: (options: ListOptions = {}) =>
      jobPages(options.cursor, async (cursor) => {
        const { cursor: _, ...filters } = options;
        const input = { ...filters, kind, ...(cursor === undefined ? {} : { cursor }) };
        return readPage(await callOnce(closing, (signal) => procedures.list.query(input, { signal })));
      }),
  };
}
