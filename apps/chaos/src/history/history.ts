import type {
  CancelEvent,
  CountersEvent,
  ExecEvent,
  ExitEvent,
  FiringEvent,
  HistoryEvent,
  NemesisEvent,
  RecordEvent,
  RecvEvent,
  RerunEvent,
  SubmitEvent,
  WatchEvent,
} from "./history-event.js";

/** Everything recorded about one subscription. */
export interface Leg {
  readonly leg: string;
  readonly opened: WatchEvent;
  readonly events: readonly WatchEvent[];
  readonly received: readonly RecvEvent[];
}

/** Everything recorded about one job id. */
export interface JobHistory {
  readonly id: string;
  readonly execs: readonly ExecEvent[];
  readonly cancels: readonly CancelEvent[];
  readonly reruns: readonly RerunEvent[];
  readonly record: RecordEvent | undefined;
}

/** A history, indexed by job, idempotency key and watcher. */
export interface History {
  readonly events: readonly HistoryEvent[];
  /** Submits by idempotency key. */
  readonly keys: ReadonlyMap<string, readonly SubmitEvent[]>;
  readonly jobs: ReadonlyMap<string, JobHistory>;
  readonly legs: readonly Leg[];
  readonly nemeses: readonly NemesisEvent[];
  readonly exits: readonly ExitEvent[];
  readonly firings: readonly FiringEvent[];
  readonly counters: CountersEvent | undefined;
}

/** Indexes the events of a history by job, key and watcher. */
export function indexHistory(events: readonly HistoryEvent[]): History {
  const submits = events.filter((event) => event.type === "submit");
  const execs = groupBy(
    events.filter((event) => event.type === "exec"),
    ({ job }) => job,
  );
  const cancels = groupBy(
    events.filter((event) => event.type === "cancel"),
    ({ job }) => job,
  );
  const reruns = groupBy(
    events.filter((event) => event.type === "rerun"),
    ({ job }) => job,
  );
  const records = groupBy(
    events.filter((event) => event.type === "record"),
    ({ job }) => job,
  );
  const received = groupBy(
    events.filter((event) => event.type === "recv"),
    ({ leg }) => leg,
  );
  const watches = groupBy(
    events.filter((event) => event.type === "watch"),
    ({ leg }) => leg,
  );
  const named = events.flatMap((event) => ("job" in event && event.job !== undefined ? [event.job] : []));
  return {
    events,
    keys: groupBy(submits, ({ key }) => key),
    jobs: new Map(
      named.map((id): [string, JobHistory] => [
        id,
        {
          id,
          execs: execs.get(id) ?? [],
          cancels: cancels.get(id) ?? [],
          reruns: reruns.get(id) ?? [],
          record: records.get(id)?.[0],
        },
      ]),
    ),
    legs: [...watches].flatMap(([leg, of]): Leg[] => {
      const [opened] = of;
      return opened ? [{ leg, opened, events: of, received: received.get(leg) ?? [] }] : [];
    }),
    nemeses: events.filter((event) => event.type === "nemesis"),
    exits: events.filter((event) => event.type === "exit"),
    firings: events.filter((event) => event.type === "firing"),
    counters: events.filter((event) => event.type === "counters").at(-1),
  };
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}
