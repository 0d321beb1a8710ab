/** The payload of every job, whoever runs it. `n` is different for each job, so that each can be counted. */
export interface Input {
  readonly n: number;
}

/** What a process uses a queue for. A product leaves out what the role does not need, as its documentation recommends. */
export type Role = "submitter" | "worker" | "caller" | "answering-worker";

export interface QueueOptions {
  /** The path of Redis's socket. */
  readonly redis: string;
  /** Begins every key. Different for each measurement. */
  readonly prefix: string;
  /** A caller waits for results, which an answering worker reports. */
  readonly role: Role;
  /** Whether finished jobs stay in Redis. @default false where the product can remove them */
  readonly keepsFinished: boolean;
}

interface WorkOptions {
  readonly concurrency: number;
  readonly handle: (input: Input) => Promise<Input> | Input;
}

export interface Working {
  /** Stops when the running jobs are settled. */
  stop(): Promise<void>;
}

export interface OpenQueue {
  submit(input: Input): Promise<unknown>;
  submitMany(inputs: readonly Input[]): Promise<unknown>;
  /** Like `submitMany`, with an idempotency key for each job. Undefined if the product has none. */
  submitManyKeyed?(inputs: readonly Input[]): Promise<unknown>;
  /** Submits a job and resolves with its result, in this process. */
  submitAndWait(input: Input): Promise<Input>;
  /** Resolves when the worker takes jobs. */
  work(options: WorkOptions): Promise<Working>;
  /** The number of jobs that are waiting or running. */
  unfinished(): Promise<number>;
  close(): Promise<void>;
}

/** How a product is used as a queue. */
export interface QueueProduct {
  open(options: QueueOptions): Promise<OpenQueue>;
}
