import { expect, test } from "vitest";
import { indexHistory } from "../history/history.js";
import type { HistoryEvent, RecordEvent } from "../history/history-event.js";
import { CLOCK } from "../load/clock.js";
import { MOST_OF_OWNER, STRAY } from "../work.js";
import { check } from "./check.js";
import { countsOf } from "./counts.js";

const JOB = "work_1";
const OTHER = "work_2";

test("a history without violations passes", () => {
  expect(check(indexHistory(clean()))).toEqual([]);
});

test("a job that ran twice because its worker was lost is allowed", () => {
  expect(check(indexHistory(retried()))).toEqual([]);
});

test("an acknowledged job that is missing is reported", () => {
  expect(found(clean().filter(({ type }) => type !== "record" && type !== "counters"))).toContain("G1");
});

test("a job that was never submitted is reported", () => {
  expect(found(changed({ key: "k2", job: OTHER }, "add"))).toContain("G2");
});

test("an execution of a job that was never submitted is reported", () => {
  const stray: HistoryEvent = { ...exec("start", 300), job: OTHER };

  expect(found([...clean(), stray])).toContain("G2");
});

test("two jobs for one idempotency key are reported", () => {
  expect(found(changed({ job: OTHER }, "add"))).toContain("G3");
});

test("one idempotency key with two different inputs is reported", () => {
  expect(found([...clean(), { ...submit("ok", 400), variant: 1, job: JOB }])).toContain("G3");
});

test("a submit that is never answered is reported", () => {
  expect(found([...clean(), { ...submit("unknown", 400), key: "k2" }])).toContain("G4");
});

test("a job that exists although its submit was refused is reported", () => {
  const refused = clean().map((event) =>
    event.type === "submit" && event.phase === "ok" ? { ...submit("fail", 110), code: "redis_full" } : event,
  );

  expect(found(refused)).toContain("G5");
});

test("a transition that the lifecycle does not allow is reported", () => {
  expect(found(feed([1, 100, "queued"], [2, 200, "completed"]))).toContain("G6");
});

test("a job in two places is reported", () => {
  expect(found(changed({ places: ["completed", "leases"] }))).toContain("G7");
});

test("a counter that disagrees with the jobs is reported", () => {
  expect(found([...clean(), { type: "counters", t: 900, counts: { completed: 2 } }])).toContain("G7");
});

test("a job that was settled twice is reported", () => {
  expect(found(feed([1, 100, "queued"], [2, 200, "running"], [3, 250, "completed"], [4, 260, "completed"]))).toEqual(
    expect.arrayContaining(["G6", "G8"]),
  );
});

test("a job that continues after the end of its round is reported", () => {
  expect(found(feed([1, 100, "queued"], [2, 200, "running"], [3, 250, "completed"], [4, 260, "queued"]))).toContain(
    "G8",
  );
});

test("a second round without a rerun is reported", () => {
  expect(found(changed({ round: 2 }))).toContain("G8");
});

test("a job that has not ended after the drain is reported", () => {
  expect(found(changed({ status: "running" }))).toContain("G8");
});

test("an output that is not from the accepted completion is reported", () => {
  expect(found(changed({ outputFence: 3 }))).toContain("G9");
});

test("a line that is missing in the log of the completed attempt is reported, unless readers see the gap", () => {
  expect(found(changed({ log: parts(1, 1, 2) }))).toContain("G32");
  expect(found(changed({ log: parts(1, 1, 3) }))).toContain("G32");
  expect(found(changed({ log: [] }))).toContain("G32");
  const [first, , third] = parts(1, 1, 2, 3);
  expect(found(changed({ log: first && third ? [first, third] : [] }))).not.toContain("G32");
});

test("a line that Redis may have forgotten is not reported", () => {
  expect(found(inOrder([...changed({ log: parts(1, 1, 2) }), ...fault("steps", 245)]))).not.toContain("G32");
});

test("a line that is stored twice or out of order is reported", () => {
  expect(found(changed({ log: parts(1, 1, 1, 2, 3) }))).toContain("G32");
  expect(found(changed({ log: parts(1, 2, 1, 3) }))).toContain("G32");
  expect(found(changed({ log: parts(1, 1, 2, 3).map((line) => ({ ...line, n: 1 })) }))).toContain("G32");
});

test("two live leases are reported", () => {
  expect(found([...clean(), exec("start", 230, 2)])).toContain("G10");
});

test("a lease under which a job ran twice is reported", () => {
  expect(found([...clean(), exec("start", 230, 1)])).toContain("G10");
});

test("a fence that decreases is reported", () => {
  const [first, ...rest] = retried().filter((event) => event.type === "exec" && event.phase === "start");
  const others = retried().filter((event) => event !== first && !(event.type === "exec" && event.phase === "start"));

  expect(found([...others, ...rest, ...(first ? [{ ...first, t: 4_000 }] : [])])).toContain("G10");
});

test("a fence that increased without a claim is reported", () => {
  expect(found(changed({ fence: 2 }))).toContain("G10");
});

test("a job whose cancelled attempt was reclaimed and that ran again is allowed", () => {
  const of = steps([1, 100, "queued"], [2, 200, "running"], [3, 1_800, "cancelled"]);
  const again = steps([4, 2_000, "queued"], [5, 2_010, "running"], [6, 2_050, "completed"]);
  const rerun: HistoryEvent = { type: "rerun", phase: "invoke", t: 1_990, job: JOB };
  const log = parts(3, 1, 2, 3);
  const settled = { log, settled: "3:complete:completed:6", outputFence: 3, fence: 3, seq: 6, at: 2_050, round: 2 };
  const events = [
    ...clean().filter(({ type }) => type === "submit" || type === "counters"),
    ...[exec("start", 210, 1), exec("start", 2_020, 3), { ...exec("finish", 2_030, 3), outcome: "completed" }],
    record({ ...settled, feed: [...of, ...again.map((transition) => ({ ...transition, round: 2 }))] }),
  ];

  expect(found([...events, rerun])).toEqual([]);
});

test("a job that is reclaimed while its lease is live is reported", () => {
  expect(found(retried(1_000))).toContain("G12");
});

test("more attempts than the contract allows are reported", () => {
  expect(found(changed({ attempt: 7 }))).toContain("G13");
});

test("a job that starts before its delay is over is reported", () => {
  const delayed = clean().map((event) => (event.type === "submit" ? { ...event, delayMs: 500 } : event));

  expect(found(delayed)).toContain("G16");
});

test("a retry before its backoff is over is reported", () => {
  expect(found(retried(1_600, 500))).toContain("G17");
});

test("a gap in the stored feed is reported", () => {
  expect(found(feed([1, 100, "queued"], [3, 200, "running"], [4, 250, "completed"]))).toContain("G18");
});

test("a record that disagrees with its feed is reported", () => {
  expect(found(changed({ seq: 4 }))).toContain("G18");
});

test("a watcher that receives an event twice is reported", () => {
  expect(found(received([1, "queued"], [2, "running"], [2, "running"], [3, "completed"]))).toContain("G19");
});

test("an event after the end is reported", () => {
  expect(found(received([1, "queued"], [2, "running"], [3, "completed"], [4, "running"]))).toContain("G19");
});

test("a gap in what a watcher received is reported", () => {
  expect(found(received([1, "queued"], [3, "completed"]))).toContain("G20");
});

test("a gap that a snapshot covers is allowed", () => {
  const events = received([1, "queued"], [3, "completed"]);

  expect(
    found(events.map((event) => (event.type === "recv" && event.seq === 3 ? { ...event, reset: true } : event))),
  ).toEqual([]);
});

test("a watcher that resumes from another history without a reset is reported", () => {
  const events = clean().map((event) => (event.type === "watch" ? { ...event, after: -1 } : event));

  expect(found(events)).toContain("G23");
});

test("a status that the job never had is reported", () => {
  expect(found(received([1, "queued"], [2, "retrying"], [3, "completed"]))).toContain("G20");
});

test("an end that arrives late is reported", () => {
  const late = clean().map((event) =>
    event.type === "recv" && event.status === "completed" ? { ...event, t: 6_300 } : event,
  );

  expect(found(late)).toContain("G21");
});

test("an end that arrives late because a fault cut off every watcher is allowed", () => {
  const about = { type: "nemesis", name: "redis-stop", silences: true, forgets: "nothing" } as const;
  const late = clean().map((event) =>
    event.type === "recv" && event.status === "completed" ? { ...event, t: 6_300 } : event,
  );
  const silence: HistoryEvent[] = [
    { ...about, t: 240, phase: "start" },
    { ...about, t: 2_240, phase: "stop" },
  ];

  expect(found([...late, ...silence])).toEqual([]);
});

test("an end that never arrives is reported", () => {
  expect(found(received([1, "queued"], [2, "running"]))).toContain("G21");
});

test("an event of another user's job is reported", () => {
  const foreign = clean().map((event) =>
    event.type === "watch" || event.type === "recv" ? { ...event, who: "bob" } : event,
  );

  expect(found(foreign)).toContain("G24");
});

test("an answer that reveals another user's job is reported", () => {
  const events: HistoryEvent[] = [
    { ...watch("open", 150), leg: "w2/1", who: "bob" },
    { ...watch("refused", 160), leg: "w2/1", who: "bob", code: "forbidden" },
  ];

  expect(found([...clean(), ...events])).toContain("G24");
});

test("a cancel that was answered but did not happen is reported", () => {
  expect(found([...clean(), { type: "cancel", phase: "ok", t: 300, job: JOB, outcome: "cancelled" }])).toContain(
    "cancel",
  );
});

test("a process that died by itself is reported", () => {
  const exit: HistoryEvent = { type: "exit", t: 300, name: "worker-1", pid: 7, isExpected: false, says: "code 1" };

  expect(found([...clean(), exit])).toContain("G29");
});

test("a job acknowledged before a fault that may lose jobs may be lost, and one acknowledged after it may not", () => {
  const gone = clean().filter(({ type }) => type !== "record" && type !== "counters");

  expect(found([...gone, ...fault("jobs", 500)])).toEqual([]);
  expect(countsOf(indexHistory([...gone, ...fault("jobs", 500)]), [])).toMatchObject({ lost: 1 });
  expect(found([...gone, ...fault("jobs", 90)])).toContain("G1");
});

test("a fault that may undo transitions must not lose an acknowledged job", () => {
  const gone = clean().filter(({ type }) => type !== "record" && type !== "counters");

  expect(found([...gone, ...fault("steps", 500)])).toContain("G1");
});

test("the key of a lost job may create another job, and the key of a kept job may not", () => {
  const again: HistoryEvent[] = [{ ...submit("ok", 600), job: OTHER }];
  const gone = clean().filter(({ type }) => type !== "record");
  const other = record({ job: OTHER });
  const run: HistoryEvent[] = [exec("start", 610), { ...exec("finish", 620), outcome: "completed" }];
  const rerun = run.map((event) => ({ ...event, job: OTHER }));

  expect(found([...gone, ...fault("jobs", 500), ...again, other, ...rerun])).toEqual([]);
  expect(found([...clean(), ...fault("jobs", 500), ...again, other, ...rerun])).toContain("G3");
});

test("an execution whose claim a fault undid is counted as a duplicate; without a fault it is reported", () => {
  const forgotten = [...clean(), exec("start", 150)];

  expect(found(forgotten)).toContain("G10");
  expect(found([...inOrder(forgotten), ...fault("steps", 180)])).toEqual([]);
  expect(countsOf(indexHistory([...inOrder(forgotten), ...fault("steps", 180)]), [])).toMatchObject({ duplicates: 1 });
});

test("a watcher that saw an undone event and continues without a reset is reported", () => {
  const story = [...inOrder(received([1, "queued"], [2, "running"], [3, "completed"])), ...fault("steps", 180)];
  const told = (isReset: boolean): HistoryEvent[] =>
    story.map((event) => {
      if (event.type !== "recv") return event;
      return event.seq === 2 ? { ...event, at: 170 } : { ...event, reset: isReset && event.seq === 3 };
    });

  expect(found(told(false))).toEqual(["G23"]);
  expect(found(told(true))).toEqual([]);
});

test("a watcher that resumes from an undone position must receive a reset", () => {
  const back = (reset: boolean): HistoryEvent[] =>
    [...received([3, "completed"]), ...fault("steps", 180)].map((event) => {
      if (event.type === "watch") return { ...event, after: 2, afterAt: 170 };
      return event.type === "recv" ? { ...event, reset } : event;
    });

  expect(found(back(false))).toEqual(["G23"]);
  expect(found(back(true))).toEqual([]);
});

test("a cancel that was answered before a fault that may undo transitions may be undone", () => {
  const cancelled: HistoryEvent = { type: "cancel", phase: "ok", t: 300, job: JOB, outcome: "cancelled" };

  expect(found([...clean(), cancelled, ...fault("steps", 400)])).toEqual([]);
  expect(found([...clean(), cancelled, ...fault("steps", 200)])).toContain("cancel");
});

test("a child of a completed job that is missing is reported, and one that exists is not", () => {
  const parent = clean().map((event) =>
    event.type === "exec" && event.phase === "finish" ? { ...event, child: OTHER } : event,
  );
  const child = record({ job: OTHER, key: `child/${JOB}/1/1` });
  const run: HistoryEvent[] = [exec("start", 310), { ...exec("finish", 320), outcome: "completed" }];
  const events = [
    ...parent.filter(({ type }) => type !== "counters"),
    child,
    ...run.map((e) => ({ ...e, job: OTHER })),
  ];

  expect(found(parent)).toEqual(["G1"]);
  expect(found(events)).toEqual([]);
  expect(found([...events, record({ job: "work_3", key: `child/${JOB}/1/1` })])).toContain("G3");
});

test("a job of the schedule without its time is reported, and one with it is not", () => {
  const run: HistoryEvent[] = [exec("start", 210), { ...exec("finish", 240), outcome: "completed" }];
  const events = [record({ owner: CLOCK, key: "" }), ...run];

  expect(found(events)).toEqual(["G2"]);
  expect(found([...events, { type: "firing", t: 900, instant: "100", job: JOB }])).toEqual([]);
});

test("more running jobs with one limit key than the limit allows are reported", () => {
  const running = (count: number): RecordEvent[] =>
    Array.from({ length: count }, (_, i) => record({ job: `turn_${i}`, limitKey: "turn:alice" }));

  expect(found(running(MOST_OF_OWNER))).not.toContain("G16");
  expect(found(running(MOST_OF_OWNER + 1))).toContain("G16");
});

test("a job whose attempt was lost because another job crashed its worker is reported", () => {
  const crash: HistoryEvent = { type: "exit", t: 220, name: "worker-1", pid: 7, isExpected: true, says: STRAY };

  expect(found(retried())).toEqual([]);
  expect(found([...retried(), crash])).toEqual(["G13"]);
  // The lease was lost at 1,800.
  expect(found([...retried(), { ...crash, t: 1_900 }])).toEqual([]);
});

type Step = readonly [seq: number, at: number, status: RecordEvent["status"], code?: string];

function found(events: readonly HistoryEvent[]): string[] {
  return [...new Set(check(indexHistory(events)).map(({ rule }) => rule))];
}

// Submitted at 100, run by one worker, completed at 250, watched from start to end.
function clean(): HistoryEvent[] {
  return [
    submit("invoke", 100),
    { ...submit("ok", 110), job: JOB },
    exec("start", 210),
    { ...exec("finish", 240), outcome: "completed" },
    ...received([1, "queued"], [2, "running"], [3, "completed"]).filter(
      ({ type }) => type === "watch" || type === "recv",
    ),
    record(),
    { type: "counters", t: 900, counts: { completed: 1 } },
  ];
}

/** A fault that ends at `until`. */
function fault(forgets: "steps" | "jobs", until: number): HistoryEvent[] {
  const about = { type: "nemesis", name: "failover", silences: true, forgets } as const;
  return [
    { ...about, t: until - 10, phase: "start" },
    { ...about, t: until, phase: "stop" },
  ];
}

function inOrder(events: readonly HistoryEvent[]): HistoryEvent[] {
  return [...events].sort((a, b) => a.t - b.t);
}

function submit(phase: "invoke" | "ok" | "fail" | "unknown", t: number): Extract<HistoryEvent, { type: "submit" }> {
  return { type: "submit", phase, t, key: "k1", owner: "alice", n: 1, variant: 0, delayMs: 0 };
}

function exec(phase: "start" | "finish", t: number, fence = 1): Extract<HistoryEvent, { type: "exec" }> {
  return { type: "exec", phase, t, job: JOB, n: 1, fence, attempt: 1, pid: 7 };
}

function watch(phase: "open" | "live" | "done" | "refused", t: number): Extract<HistoryEvent, { type: "watch" }> {
  return { type: "watch", phase, t, leg: "w1/1", job: JOB, who: "alice", after: 0, afterAt: 0, isSlow: false };
}

function record(change: Partial<RecordEvent> = {}): RecordEvent {
  return {
    type: "record",
    t: 900,
    job: JOB,
    key: "k1",
    owner: "alice",
    status: "completed",
    seq: 3,
    round: 1,
    attempt: 1,
    attempts: 6,
    fence: 1,
    at: 250,
    runAt: null,
    limitKey: null,
    settled: "1:complete:completed:3",
    outputFence: 1,
    feed: steps([1, 100, "queued"], [2, 200, "running"], [3, 250, "completed"]),
    log: parts(1, 1, 2, 3),
    places: ["completed"],
    ...change,
  };
}

/** The log of an attempt that logged these parts. */
function parts(fence: number, ...of: readonly number[]): RecordEvent["log"] {
  return of.map((part, i) => ({ n: i + 1, fence, part }));
}

function steps(...of: readonly Step[]): RecordEvent["feed"] {
  let attempt = 0;
  return of.map(([seq, at, status, code]) => {
    if (status === "running") attempt += 1;
    return { seq, at, status, round: 1, attempt, ...(code === undefined ? {} : { code }) };
  });
}

/** The clean history with its record changed, or with a second record. */
function changed(change: Partial<RecordEvent>, how: "add" | "replace" = "replace"): HistoryEvent[] {
  const rest = how === "add" ? clean() : clean().filter(({ type }) => type !== "record");
  return [...rest, record(change)];
}

/** The clean history with another feed and a record that agrees with it. */
function feed(...of: readonly Step[]): HistoryEvent[] {
  const stored = steps(...of);
  const last = stored.at(-1);
  const rest = clean().filter(({ type }) => type !== "watch" && type !== "recv" && type !== "record");
  return [...rest, record({ feed: stored, ...(last && { seq: last.seq, at: last.at, status: last.status }) })];
}

/** The clean history with other events received by its watcher. */
function received(...of: readonly (readonly [seq: number, status: RecordEvent["status"]])[]): HistoryEvent[] {
  const about = { type: "recv", leg: "w1/1", who: "alice", job: JOB, rev: 0, round: 1, reset: false } as const;
  const rest: HistoryEvent[] = [submit("invoke", 100), { ...submit("ok", 110), job: JOB }, exec("start", 210)];
  return [
    ...rest,
    { ...exec("finish", 240), outcome: "completed" },
    watch("open", 120),
    watch("live", 130),
    ...of.map(([seq, status]): HistoryEvent => {
      const at = [0, 100, 200, 250][seq] ?? 300;
      return { ...about, t: 250 + seq, at, seq, status, attempt: seq > 1 ? 1 : 0 };
    }),
    watch("done", 260),
    record(),
    { type: "counters", t: 900, counts: { completed: 1 } },
  ];
}

/** A job whose first worker was lost after `heldMs` of its lease, and which was retried after `backoffMs`. */
function retried(heldMs = 1_600, backoffMs = 1_000): HistoryEvent[] {
  const lostAt = 200 + heldMs;
  const queuedAt = lostAt + backoffMs;
  const rest = clean().filter(({ type }) => type === "submit" || type === "counters");
  return [
    ...rest,
    exec("start", 210, 1),
    exec("start", queuedAt + 20, 3),
    { ...exec("finish", queuedAt + 30, 3), outcome: "completed" },
    record({
      seq: 6,
      at: queuedAt + 40,
      fence: 3,
      attempt: 2,
      outputFence: 3,
      log: parts(3, 1, 2, 3),
      settled: "3:complete:completed:6",
      feed: steps(
        [1, 100, "queued"],
        [2, 200, "running"],
        [3, lostAt, "retrying", "worker_lost"],
        [4, queuedAt, "queued"],
        [5, queuedAt + 10, "running"],
        [6, queuedAt + 40, "completed"],
      ),
    }),
  ];
}
