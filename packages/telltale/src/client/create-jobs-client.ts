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
import type { JobsProcedures, WireProcedures } from "./procedures.js";
import { Closing } from "./transport/closing.js";

/** How a client made from a tRPC client behaves. */
export interface JobsClientOptions {
  /** Once aborted, what is in progress and what comes after rejects with `closed`. */
  readonly signal?: AbortSignal | undefined;
}

/** At the same time, watches and chunks together: what the gateway allows one socket. More wait for their turn. */
const SUBSCRIPTIONS = 100;

/**
 * A typed client for the contracts of `T` on the tRPC client an application already has: `createJobsClient<typeof
 * jobs>(trpc.jobs)`. Its links decide about transport and authorization; subscriptions need a wsLink or an
 * httpSubscriptionLink.
 */
export function createJobsClient<T extends Jobs>(trpc: JobsProcedures, options: JobsClientOptions = {}): JobClients<T> {
  assertKnownOptions("createJobsClient", options, { signal: true });
  return byKind<T, object>(trpc, { closing: Closing.from(options.signal), controls: {} });
}

/** What `byKind` needs besides the procedures. */
export interface ByKindOptions<C> {
  readonly closing: Closing;
  /** What the client has besides its kinds. */
  readonly controls: C;
}

/** `controls`, and beside them a `JobClient` for every name that can be a kind. */
export function byKind<T extends Jobs, C extends object>(
  trpc: JobsProcedures,
  { closing, controls }: ByKindOptions<C>,
): JobClients<T> & C {
  // The one place where the caller's typed procedures become what is sent on the wire: the router's input types are
  // those of its contracts, which `T` repeats and TypeScript cannot compare.
  const procedures = trpc as WireProcedures;
  const limit = new SubscriptionLimit(SUBSCRIPTIONS);
  const clients = new Map<string, JobClient<AnyJob>>();
  const clientOf = (kind: string): JobClient<AnyJob> => {
    const client = clients.get(kind) ?? jobClient(kind, { procedures, closing, limit });
    clients.set(kind, client);
    return client;
  };
  const proxy = new Proxy(controls, {
    get: (target, name) =>
      typeof name === "string" && !(name in target) && isKind(name) ? clientOf(name) : Reflect.get(target, name),
  });
  // A contract exists here as a type only, so the object cannot be built kind by kind.
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
