import type { QueueOptions } from "./queue-product.js";

/** What the handled jobs of a worker were. */
export interface Handled {
  /** How often each `n` was handled, one byte each, in base64. */
  readonly counts: string;
  readonly handled: number;
  /** When the first job started and when the last one did, in ms of the machine's clock. */
  readonly firstAt: number;
  readonly lastAt: number;
}

/** Jobs 0 to `count` - 1. */
export interface Bulk {
  readonly count: number;
  readonly perCall: number;
  /** Whether each has an idempotency key. @default false */
  readonly isKeyed?: boolean;
}

/** What the process of a queue's contender can be asked to do. */
export type QueueCalls = {
  open(options: QueueOptions): Promise<void>;
  /** Submits jobs one call each, with `inFlight` calls open at any time. */
  submit(job: { readonly count: number; readonly inFlight: number }): Promise<{ readonly seconds: number }>;
  submitMany(job: Bulk): Promise<{ readonly seconds: number }>;
  /** Submits one job after another, each after the result of the last and a pause, and returns how long each took in ms. */
  callEach(job: { readonly count: number }): Promise<{ readonly ms: number[] }>;
  /** Starts a worker for jobs 0 to `jobs` - 1. With `refill`, it gets more of them, which are not counted one by one. */
  startWork(work: {
    readonly jobs: number;
    readonly concurrency: number;
    readonly sleepMs: number;
    /** Keeps the queue as full as it was: whenever so many jobs were handled, as many are submitted. @default it empties */
    readonly refill?: number;
  }): Promise<void>;
  /** How many jobs were handled since `startWork`. */
  handled(argument: null): Promise<number>;
  stopWork(argument: null): Promise<Handled>;
  unfinished(argument: null): Promise<number>;
  close(argument: null): Promise<void>;
};
