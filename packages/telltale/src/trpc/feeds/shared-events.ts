import type { TrackedEnvelope } from "@trpc/server";
import type { AnyJob, JobEvent } from "../../core/index.js";
import { type JobUpdate, positionOf, toEvent, type Viewer } from "../../queue/internal.js";
import { tracked } from "../trpc-server.js";

type Event = TrackedEnvelope<JobEvent<AnyJob>>;

/**
 * The events of updates that many watchers get, made once for all of them that see the same: owners, operators, who also see the real
 * messages of failures, and operators from whom sensitive values are hidden. The events are only for the gateway: middlewares of the application may change those that a generator
 * yields.
 */
export class SharedEvents {
  readonly #forOwners = new WeakMap<JobUpdate, Event>();
  readonly #forOperators = new WeakMap<JobUpdate, Event>();
  readonly #redacted = new WeakMap<JobUpdate, Event>();

  of(update: JobUpdate, job: Readonly<{ id: string; kind: string }>, viewer: Viewer): Event {
    const events = this.#eventsFor(viewer);
    const known = events.get(update);
    if (known) return known;
    const event = tracked(positionOf(update), toEvent(job, update, viewer));
    events.set(update, event);
    return event;
  }

  // What is hidden depends on the job's kind alone.
  #eventsFor({ isOperator, hidden }: Viewer): WeakMap<JobUpdate, Event> {
    if (hidden.length > 0) return this.#redacted;
    return isOperator ? this.#forOperators : this.#forOwners;
  }
}
