import { waitFor } from "@telltale/testkit";
import type { Observer, ObserverEvent, ObserverEventType } from "telltale";

type EventOf<T extends ObserverEventType> = Extract<ObserverEvent, { readonly type: T }>;

/** An observer that keeps its events. */
export interface Recorder {
  readonly observer: Observer;
  readonly events: readonly ObserverEvent[];
  /** The events of one type so far. */
  of<T extends ObserverEventType>(type: T): EventOf<T>[];
  /** Resolves with the first event of a type that matches. */
  first<T extends ObserverEventType>(
    type: T,
    fits?: (event: EventOf<T>) => boolean,
    options?: Readonly<{ timeoutMs?: number }>,
  ): Promise<EventOf<T>>;
}

export function recorder(): Recorder {
  const events: ObserverEvent[] = [];
  const of = <T extends ObserverEventType>(type: T): EventOf<T>[] =>
    events.filter((event): event is EventOf<T> => event.type === type);
  return {
    events,
    observer: (event) => void events.push(event),
    of,
    first: (type, fits = () => true, options) => waitFor(() => of(type).find(fits), { ...options, what: type }),
  };
}
