import { expect } from "vitest";
import type { Sink } from "../../src/trpc/sink.js";
import { all, ann, callerFor, type Harness, refusal, root, test } from "./harness.js";

/** Every procedure for queues. */
const CALLS = {
  list: (h: Harness, who: Parameters<Harness["as"]>[0]) => h.as(who).queues.list(),
  history: (h: Harness, who: Parameters<Harness["as"]>[0]) => h.as(who).queues.history({ queue: "echo" }),
  pause: (h: Harness, who: Parameters<Harness["as"]>[0]) => h.as(who).queues.pause({ queue: "echo" }),
  resume: (h: Harness, who: Parameters<Harness["as"]>[0]) => h.as(who).queues.resume({ queue: "echo" }),
  onStats: (h: Harness, who: Parameters<Harness["as"]>[0]) => all(h.as(who).queues.onStats({})),
};

test.for(Object.entries(CALLS))("queues.%s is for operators only", async ([, call], { h }) => {
  await h.as(ann).submit({ kind: "echo", input: { text: "a" } });

  expect(await refusal(call(h, null))).toMatchObject({ code: "UNAUTHORIZED", cause: "unauthorized" });
  expect(await refusal(call(h, ann))).toMatchObject({ code: "FORBIDDEN", cause: "forbidden" });
  expect((await h.telltale.$queues.list())[0]).toMatchObject({ paused: false });
  expect(h.telltale.$engine.statsWatch.watchers).toBe(0);
});

test("an operator can read the statistics of queues, and pause and resume one", async ({ h }) => {
  await h.as(ann).submit({ kind: "echo", input: { text: "a" } });

  expect(await h.as(root).queues.pause({ queue: "echo" })).toEqual({ queue: "echo", paused: true });
  expect(await h.as(root).queues.list()).toMatchObject([
    {
      queue: "echo",
      paused: true,
      jobs: { queued: 1, failed: 0 },
      oldestQueuedAt: expect.any(Number),
      nextDueAt: null,
    },
    { queue: "sweep", paused: false, jobs: { queued: 0 }, oldestQueuedAt: null },
  ]);
  const claimed = await h.telltale.$engine.scripts("echo").claim({ loop: "l", request: "r", room: 9, leaseMs: 9_000 });
  expect(claimed.jobs).toEqual([]);
  expect(await h.as(root).queues.resume({ queue: "echo" })).toEqual({ queue: "echo", paused: false });
  expect((await h.as(root).queues.list())[0]).toMatchObject({ paused: false });
});

test.for([{ queue: "nothing" }, { queue: "__proto__" }, { queue: "a b" }, { queue: 5 }, {}, undefined])(
  "pausing %o is refused as invalid input",
  async (input, { h }) => {
    // @ts-expect-error untyped clients can send this
    expect(await refusal(h.as(root).queues.pause(input))).toMatchObject({
      code: "BAD_REQUEST",
      cause: "invalid_input",
    });
  },
);

test("an operator can read the history of a queue and of a kind", async ({ h }) => {
  await h.as(ann).submit({ kind: "echo", input: { text: "a" } });

  const { buckets, period, ...history } = await h.as(root).queues.history({ queue: "echo", since: "5m" });

  expect(history).toMatchObject({ queue: "echo", kind: null, step: "minute", totals: { submitted: 1, started: 0 } });
  expect(buckets).toHaveLength(6);
  expect(period).toMatchObject({ submitted: 1, waitedMs: { count: 0, p50: null } });
  const hours = await h.as(root).queues.history({ queue: "echo", kind: "echo", since: 86_400_000 });
  expect(hours).toMatchObject({ kind: "echo", step: "hour", totals: { submitted: 1 } });
});

test.for([
  [{ queue: "nothing" }, "invalid_input"],
  [{ queue: "echo", kind: "nothing" }, "unknown_kind"],
  [{ queue: "echo", since: "31d" }, "invalid_input"],
  [{ queue: "echo", since: "-1h" }, "invalid_input"],
  [{ queue: "echo", until: "yesterday" }, "invalid_input"],
  [{ queue: "echo", step: "day" }, "invalid_input"],
  [{ queue: "echo", kinds: "echo" }, "invalid_input"],
  [{}, "invalid_input"],
  [undefined, "invalid_input"],
] as const)("the history of %o is refused as %s", async ([input, cause], { h }) => {
  // @ts-expect-error untyped clients can send this
  expect(await refusal(h.as(root).queues.history(input))).toMatchObject({ cause });
});

test("a custom authorize function can give a user the queues of some kinds", async ({ h }) => {
  const as = callerFor(h.telltale, {
    authorize: ({ subject, action, kind }) => action === "operate" && kind === "sweep" && subject?.id === "ann",
  });

  expect(await as(ann).queues.list()).toMatchObject([{ queue: "sweep" }]);
  expect(await as(ann).queues.history({ queue: "sweep" })).toMatchObject({ queue: "sweep" });
  expect(await refusal(as(ann).queues.history({ queue: "echo" }))).toMatchObject({ cause: "forbidden" });
  expect(await refusal(as(ann).queues.history({ queue: "nothing" }))).toMatchObject({ cause: "forbidden" });
  expect(await as(ann).queues.pause({ queue: "sweep" })).toMatchObject({ paused: true });
  expect(await refusal(as(ann).queues.pause({ queue: "echo" }))).toMatchObject({ cause: "forbidden" });
  expect(await refusal(as(root).queues.list())).toMatchObject({ cause: "forbidden" });
});

test("a watcher of queues gets their statistics with a position to resume from, and leaves nothing behind", async ({
  h,
}) => {
  const leaving = new AbortController();
  const counted: string[] = [];
  const sink: Sink = {
    transport: "ws",
    address: "127.0.0.1",
    identify: () => {},
    writable: () => true,
    drained: async () => {},
    admit: (subjectId) => {
      counted.push(`+${subjectId}`);
      return () => counted.push(`-${subjectId}`);
    },
  };
  const watch = (await h.as(root, leaving.signal, sink).queues.onStats({}))[Symbol.asyncIterator]();
  // Without a transport, tRPC returns the tracked envelope, a tuple.
  const [position, first] = (await watch.next()).value as unknown as [string, unknown];
  const parked = watch.next();
  await h.as(ann).submit({ kind: "echo", input: { text: "a" } });
  const [next, changed] = (await parked).value as unknown as [string, unknown];

  expect(first).toMatchObject([{ queue: "echo", jobs: { queued: 0 } }, { queue: "sweep" }]);
  expect(changed).toMatchObject([{ jobs: { queued: 1 } }, {}]);
  expect(next).not.toBe(position);
  const resumed = (await h.as(root, leaving.signal).queues.onStats({ lastEventId: next }))[Symbol.asyncIterator]();
  const quiet = resumed.next();
  const last = watch.next();
  leaving.abort();
  expect([(await last).done, (await quiet).done]).toEqual([true, true]);
  expect(counted).toEqual(["+root", "-root"]);
  expect(h.telltale.$engine.statsWatch.watchers).toBe(0);
});
