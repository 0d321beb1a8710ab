import type { ServerResponse } from "node:http";
import type { Caller, Sink } from "../../trpc/internal.js";
import type { Admissions } from "../admission/admissions.js";
import type { CallerConnection, Callers } from "../admission/callers.js";

/** The sink through which procedures see the response to an HTTP call or the event stream. */
export class ResponseSink implements Sink {
  readonly transport = "http";
  readonly address: string;
  readonly #res: ServerResponse;
  readonly #admissions: Admissions;
  readonly #callers: Callers;
  readonly #connection: CallerConnection;
  #caller: Caller | null = null;

  constructor(
    res: ServerResponse,
    { address, admissions, callers }: Readonly<{ address: string; admissions: Admissions; callers: Callers }>,
  ) {
    this.address = address;
    this.#res = res;
    this.#admissions = admissions;
    this.#callers = callers;
    // A stream that breaks is opened again by its client, and resumes. One that is completed is not.
    this.#connection = { end: () => res.destroy() };
  }

  identify(caller: Caller): void {
    this.#caller = caller;
  }

  // The adapter takes the next event only once the response has room for it.
  writable(): boolean {
    return true;
  }

  drained(): Promise<void> {
    return Promise.resolve();
  }

  admit(subjectId: string): () => void {
    const release = this.#admissions.admit(this.#res, subjectId);
    // Only streams last. Other calls are answered, although the credentials expire meanwhile.
    if (this.#caller) this.#callers.identify(this.#connection, this.#caller);
    return () => {
      this.#callers.forget(this.#connection);
      release();
    };
  }
}
