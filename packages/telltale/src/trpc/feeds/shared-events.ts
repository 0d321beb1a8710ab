import type { TrackedEnvelope } from "@trpc/server";
import type { AnyJob, JobEvent } from "../../core/index.js";
import { type JobUpdate, positionOf, toEvent } from "../../queue/internal.js";
import { tracked } from "../trpc-server.js";

type Event = TrackedEnvelope<JobEvent<AnyJob>>;

/**
 * The events of updates that many watchers get, made once for all of them. Operators have events of their own, because they see the
 * real messages of failures. The events are only for the gateway: middlewares of the application may change those that a generator
 * yields.
 */
export class SharedEvents {
  readonly #forOwners = new WeakMap<JobUpdate, Event>();
  readonly #forOperators = new WeakMap<JobUpdate, Event>();

  of(update: JobUpdate, job: Readonly<{ id: string; kind: string }>, detail: boolean): Event {
    const events = detail ? this.#forOperators : this.#forOwners;
    const known = events.get(update);
    if (known) return known;
    const event = tracked(positionOf(update), toEvent(job, update, detail));
    events.set(update, event);
    return event;
  }
}
