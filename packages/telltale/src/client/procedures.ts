import type { JobRef, ListInput, WatchInput, WireSubmitOptions } from "../core/schemas.js";

/**
 * The procedures of a jobs router on any tRPC client: `trpc.jobs`, or `trpc` itself if the router is mounted at the root. The types
 * of the inputs are `never`, so that clients of all routers are assignable.
 */
export interface JobsProcedures {
  readonly submit: { readonly mutate: (input: never, options: never) => Promise<unknown> };
  readonly submitMany: { readonly mutate: (input: never, options: never) => Promise<unknown> };
  readonly cancel: { readonly mutate: (input: never, options: never) => Promise<unknown> };
  readonly get: { readonly query: (input: never, options: never) => Promise<unknown> };
  readonly list: { readonly query: (input: never, options: never) => Promise<unknown> };
  readonly onStatus: { readonly subscribe: (input: never, options: never) => unknown };
  readonly onChunk: { readonly subscribe: (input: never, options: never) => unknown };
}

/** The input of `submit`, and of each item of `submitMany`, on the wire. */
export interface WireSubmit {
  readonly kind: string;
  readonly input: unknown;
  readonly options: WireSubmitOptions;
}

/** The callbacks of a subscription. */
export interface FrameObserver {
  readonly onStarted: () => void;
  readonly onData: (frame: unknown) => void;
  readonly onError: (error: unknown) => void;
  readonly onComplete: () => void;
  readonly onConnectionStateChange: (state: { readonly state: "idle" | "connecting" | "pending" }) => void;
}

/** A subscription that can be stopped. */
export interface Unsubscribable {
  unsubscribe(): void;
}

/** Subscribes to one of the two feeds of a job: its status events or its chunks. */
export type Subscribe = (input: WatchInput, observer: FrameObserver) => Unsubscribable;

interface CallOptions {
  readonly signal: AbortSignal;
}

/** The same procedures, with the types that this client sends and receives. */
export interface WireProcedures {
  readonly submit: { readonly mutate: (input: WireSubmit, options: CallOptions) => Promise<unknown> };
  readonly submitMany: { readonly mutate: (input: WireSubmit[], options: CallOptions) => Promise<unknown> };
  readonly cancel: { readonly mutate: (input: JobRef, options: CallOptions) => Promise<unknown> };
  readonly get: { readonly query: (input: JobRef, options: CallOptions) => Promise<unknown> };
  readonly list: { readonly query: (input: ListInput, options: CallOptions) => Promise<unknown> };
  readonly onStatus: { readonly subscribe: Subscribe };
  readonly onChunk: { readonly subscribe: Subscribe };
}
