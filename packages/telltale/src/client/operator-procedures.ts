import type { FrameObserver, Unsubscribable } from "./procedures.js";

interface Query {
  readonly query: (input: never, options: never) => Promise<unknown>;
}

interface Mutation {
  readonly mutate: (input: never, options: never) => Promise<unknown>;
}

interface Subscription {
  readonly subscribe: (input: never, options: never) => unknown;
}

/**
 * The procedures for operators of a jobs router on any tRPC client: `trpc.jobs`, or `trpc` itself if the router is mounted at the root.
 * The types of the inputs are `never`, so that clients of all routers are assignable.
 */
export interface OperatorProcedures {
  readonly workers: { readonly list: Query; readonly onChange: Subscription; readonly drain: Mutation };
  readonly queues: {
    readonly list: Query;
    readonly onStats: Subscription;
    readonly history: Query;
    readonly pause: Mutation;
    readonly resume: Mutation;
    readonly drain: Mutation;
    readonly clean: Mutation;
    readonly obliterate: Mutation;
  };
  readonly failures: Query;
  readonly bulk: { readonly step: Mutation };
}

/** Calls procedures by their path in the jobs router, such as `workers.list`. */
export interface CallsByPath {
  query(path: string, input: unknown, options: Readonly<{ signal: AbortSignal }>): Promise<unknown>;
  mutate(path: string, input: unknown, options: Readonly<{ signal: AbortSignal }>): Promise<unknown>;
  subscribe(path: string, input: unknown, observer: FrameObserver): Unsubscribable;
}

/** Calls the procedures of a tRPC client. */
export function callsOf(procedures: OperatorProcedures): CallsByPath {
  // tRPC's clients are proxies, which have a function at every path. TypeScript cannot compare the types of their inputs.
  const at = (path: string): Record<"query" | "mutate" | "subscribe", (...args: unknown[]) => unknown> =>
    path.split(".").reduce<unknown>((on, name) => Reflect.get(Object(on), name), procedures) as never;
  return {
    query: async (path, input, options) => at(path).query(input, options),
    mutate: async (path, input, options) => at(path).mutate(input, options),
    subscribe: (path, input, observer) => at(path).subscribe(input, observer) as Unsubscribable,
  };
}
