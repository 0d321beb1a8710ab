/** What publishers send and watchers receive, whoever delivers it. */
export interface LiveEvent {
  /** From 0, one more with each event of a topic. */
  readonly n: number;
  /** When it was published, in ms of the machine's clock. */
  readonly at: number;
}

/** What a server process with watchers can be asked to do. */
export type LiveServerCalls = {
  listen(argument: { readonly redis: string }): Promise<{ readonly port: number }>;
  /** The processor time that the process has used so far. */
  cpu(argument: null): Promise<{ readonly micros: number }>;
  /** Memory after a full garbage collection. */
  memory(argument: null): Promise<Memory>;
};

export interface Memory {
  /** Heap and what its objects hold outside of it, such as buffers. */
  readonly heapBytes: number;
  /** All pages of the process. */
  readonly rssBytes: number;
}

export interface Pace {
  readonly events: number;
  readonly everyMs: number;
  /** Whether a late event is followed sooner by the next, to keep the rate. If not, `everyMs` is the least distance. */
  readonly keepsRate: boolean;
}

/** What the process that publishes can be asked to do. */
export type PublisherCalls = {
  /** Opens topics: for Telltale, running jobs. */
  start(argument: { readonly redis: string; readonly topics: number }): Promise<{ readonly topics: string[] }>;
  /** Publishes so many events to each topic, and resolves with the time that it took. */
  publish(argument: Pace): Promise<{ readonly ms: number }>;
};
