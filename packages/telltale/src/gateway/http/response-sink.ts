import type { ServerResponse } from "node:http";
import type { Sink } from "../../trpc/internal.js";
import type { Admissions } from "../admission/admissions.js";

/** The sink through which procedures see the response to an HTTP call or the event stream. */
export class ResponseSink implements Sink {
  readonly transport = "http";
  readonly address: string;
  readonly #res: ServerResponse;
  readonly #admissions: Admissions;

  constructor(res: ServerResponse, { address, admissions }: Readonly<{ address: string; admissions: Admissions }>) {
    this.address = address;
    this.#res = res;
    this.#admissions = admissions;
  }

  // The adapter takes the next event only once the response has room for it.
  writable(): boolean {
    return true;
  }

  drained(): Promise<void> {
    return Promise.resolve();
  }

  admit(subjectId: string): () => void {
    return this.#admissions.admit(this.#res, subjectId);
  }
}
