import {
  type AnyJob,
  type CancelOutcome,
  type JobChunk,
  type JobDetail,
  type JobEvent,
  type JobFeed,
  type JobResult,
  type JobStatus,
  kindOfJobId,
  type OutputOf,
  TelltaleError,
} from "../../core/index.js";
import type { JobRef } from "../../core/schemas.js";
import { chunks } from "../feeds/chunks.js";
import type { SubscriptionLimit } from "../feeds/subscription-limit.js";
import { type Feed, watch } from "../feeds/watch.js";
import type { JobHandle, WatchOptions } from "../job-client.js";
import type { Subscribe, WireProcedures } from "../procedures.js";
import type { Closing } from "../transport/closing.js";
import type { Wake } from "../transport/wake.js";
import { callOnce } from "./call-once.js";
import { cancel } from "./cancel.js";
import { readDetail } from "./reply.js";
import { outputOf, resultOf } from "./result.js";

/** The options of `RemoteJob`. */
export interface RemoteJobOptions {
  readonly kind: string;
  readonly ref: JobRef;
  readonly statusAtSubmit: JobStatus | undefined;
  readonly procedures: WireProcedures;
  readonly closing: Closing;
  readonly limit: SubscriptionLimit;
  readonly wake: Wake;
}

/** A handle on one job. It calls the procedures of a jobs router. */
export class RemoteJob<J extends AnyJob> implements JobHandle<J> {
  readonly id: string;
  readonly token: string | undefined;
  readonly statusAtSubmit: JobStatus | undefined;
  readonly #options: RemoteJobOptions;

  constructor(options: RemoteJobOptions) {
    this.id = options.ref.id;
    this.token = options.ref.token;
    this.statusAtSubmit = options.statusAtSubmit;
    this.#options = options;
  }

  async get(): Promise<JobDetail<J>> {
    this.#assertOfKind();
    const { ref, procedures, closing } = this.#options;
    return readDetail<J>(await callOnce(closing, (signal) => procedures.get.query(ref, { signal })));
  }

  watch(options: WatchOptions = {}): JobFeed<JobEvent<J>> {
    return watch<J>(this.#feed(this.#options.procedures.onStatus.subscribe), options);
  }

  chunks(options: WatchOptions = {}): JobFeed<JobChunk<J>> {
    return chunks<J>(this.#feed(this.#options.procedures.onChunk.subscribe), options);
  }

  result(options: Readonly<{ signal?: AbortSignal | undefined }> = {}): Promise<JobResult<J>> {
    return resultOf<J>(this.watch(options), options.signal);
  }

  async output(options: Readonly<{ signal?: AbortSignal | undefined }> = {}): Promise<OutputOf<J>> {
    return outputOf<J>(await this.result(options));
  }

  async cancel(): Promise<CancelOutcome> {
    this.#assertOfKind();
    return cancel(this.#options);
  }

  #feed(subscribe: Subscribe): Feed {
    const { ref, closing, limit, wake } = this.#options;
    const open: Subscribe = (input, observer) => {
      this.#assertOfKind();
      return subscribe(input, observer);
    };
    return { ref, closing, limit, wake, subscribe: open };
  }

  // Ids are plain strings. With the id of another kind, the values would not have the types that this handle declares.
  #assertOfKind(): void {
    const kind = kindOfJobId(this.id);
    if (kind === null || kind === this.#options.kind) return;
    throw new TelltaleError(
      "not_found",
      `Job ${this.id} is of kind ${kind}, not ${this.#options.kind}. Use client[${JSON.stringify(kind)}].job(id)`,
    );
  }
}
