import { expect, test } from "vitest";
import type { Positioned } from "./feed-iterator.js";
import { StatusBox } from "./status-box.js";

interface Event {
  seq: number;
  rev: number;
  reset?: true;
}

function positioned(event: Event): Positioned<Event> {
  return { item: event, position: `0:${event.seq}.${event.rev}` };
}

function drain(box: StatusBox<Event>): Event[] {
  const events: Event[] = [];
  for (let positioned = box.shift(); positioned; positioned = box.shift()) events.push(positioned.item);
  return events;
}

test("a job's first event is kept, even if it is a snapshot in the middle of progress reports", () => {
  const box = new StatusBox<Event>();

  for (const [seq, rev] of [
    [2, 7],
    [2, 8],
    [2, 9],
    [3, 0],
  ] as const)
    box.push(positioned({ seq, rev }));

  expect(drain(box)).toEqual([
    { seq: 2, rev: 7 },
    { seq: 3, rev: 0 },
  ]);
});

test("after a failover, a transition with a seq that was seen before is not merged like a report", () => {
  const box = new StatusBox<Event>();
  box.push(positioned({ seq: 3, rev: 0 }));
  drain(box);

  // The reader was waiting, so the snapshot with `reset` and the events after it went straight to the reader and not into the box.
  box.push(positioned({ seq: 3, rev: 0 }));
  box.push(positioned({ seq: 4, rev: 0 }));

  expect(drain(box)).toEqual([
    { seq: 3, rev: 0 },
    { seq: 4, rev: 0 },
  ]);
});

test("a reader that never reads buffers at most 256 events, and then finds a snapshot", () => {
  const box = new StatusBox<Event>();

  for (let seq = 1; seq <= 257; seq++) box.push(positioned({ seq, rev: 0 }));

  expect(drain(box)).toEqual([{ seq: 257, rev: 0, reset: true }]);
});
