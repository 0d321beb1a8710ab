import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { TelltaleError } from "../../core/index.js";
import type { ConnectionState } from "../job-client.js";
import type { FrameObserver } from "../procedures.js";
import { Wake } from "../transport/wake.js";
import { type FrameMeaning, Subscription, type SubscriptionOptions } from "./subscription.js";
import { SubscriptionLimit } from "./subscription-limit.js";

const MINUTE_MS = 60_000;

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, "random").mockReturnValue(0);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

interface Opened {
  readonly at: number;
  readonly after: string | undefined;
  readonly observer: FrameObserver;
}

/** A subscription, and each time that it was opened. Frames are `[meaning, position]`. */
function world({
  onOpen = () => {},
  ...options
}: Partial<SubscriptionOptions> & { onOpen?: (one: Opened) => void } = {}) {
  const opened: Opened[] = [];
  const states: ConnectionState[] = [];
  const ends: (TelltaleError | null)[] = [];
  let open = 0;
  const subscription = new Subscription({
    after: undefined,
    open: (after, observer) => {
      const one = { at: performance.now(), after, observer };
      opened.push(one);
      open++;
      onOpen(one);
      return { unsubscribe: () => void open-- };
    },
    take: (frame) => {
      const [meaning, position] = frame as [FrameMeaning, string];
      if (position === "malformed") throw new TelltaleError("invalid_input", "malformed");
      return { meaning, position };
    },
    onEnd: (error) => ends.push(error),
    onConnection: (state) => states.push(state),
    limit: new SubscriptionLimit(10),
    wake: new Wake(),
    ...options,
  });
  const last = (): FrameObserver => {
    const one = opened.at(-1);
    if (!one) throw new Error("It was not opened");
    return one.observer;
  };
  return { subscription, opened, states, ends, open: () => open, last };
}

async function started(options?: Parameters<typeof world>[0]) {
  const made = world(options);
  made.subscription.start();
  await vi.advanceTimersByTimeAsync(0);
  return made;
}

const busy = (): TelltaleError => new TelltaleError("redis_unavailable");

/** The delays between opens, in ms. */
function delaysOf(opened: readonly Opened[]): number[] {
  return opened.slice(1).map(({ at }, i) => at - (opened[i]?.at ?? 0));
}

test("a watch that the server keeps refusing is opened again at growing intervals, and not several times a second for ever", async () => {
  const { opened, states } = await started({ onOpen: ({ observer }) => observer.onError(busy()) });

  await vi.advanceTimersByTimeAsync(10 * MINUTE_MS);

  expect(delaysOf(opened).slice(0, 8)).toEqual([125, 250, 500, 1_000, 2_000, 4_000, 5_000, 5_000]);
  expect(opened.length).toBeLessThan(130);
  expect(states).toEqual(["connecting"]);
});

test("a watch that is accepted and then fails at once is also opened ever more rarely", async () => {
  const fail = ({ observer }: Opened): void => {
    setTimeout(() => {
      observer.onStarted();
      observer.onError(busy());
    }, 10);
  };
  const { opened } = await started({ onOpen: fail });

  await vi.advanceTimersByTimeAsync(MINUTE_MS);

  expect(delaysOf(opened).slice(0, 4)).toEqual([135, 260, 510, 1_010]);
});

test("after a watch was open for more than ten seconds, it is opened again soon", async () => {
  const { opened, last, states } = await started();
  for (const _ of [1, 2, 3]) {
    last().onError(busy());
    await vi.advanceTimersByTimeAsync(5_000);
  }
  last().onStarted();
  await vi.advanceTimersByTimeAsync(9_000);
  last().onStarted();
  await vi.advanceTimersByTimeAsync(1_001);
  last().onError(busy());
  const before = opened.length;

  await vi.advanceTimersByTimeAsync(125);

  expect(opened.length).toBe(before + 1);
  expect(states).toEqual(["connecting", "live", "reconnecting"]);
});

test("after a working connection was lost, tries follow each other quickly for five seconds, and then ever more rarely", async () => {
  let tries = 0;
  const { opened, last } = await started({
    onOpen: ({ observer }) => {
      if (++tries > 1) observer.onError(new TelltaleError("unreachable"));
    },
  });
  last().onStarted();
  last().onError(new TelltaleError("outcome_unknown"));

  await vi.advanceTimersByTimeAsync(MINUTE_MS);

  const quick = Array.from({ length: 20 }, () => 250);
  expect(delaysOf(opened).slice(0, 28)).toEqual([125, ...quick, 250, 500, 1_000, 2_000, 4_000, 5_000, 5_000]);
});

test("a connection that is lost again as soon as it works is not tried quickly for ever", async () => {
  const lose = ({ observer }: Opened): void => {
    setTimeout(() => {
      observer.onStarted();
      observer.onError(new TelltaleError("outcome_unknown"));
    }, 10);
  };
  const { opened } = await started({ onOpen: lose });

  await vi.advanceTimersByTimeAsync(MINUTE_MS);

  expect(delaysOf(opened).slice(0, 3)).toEqual([135, 260, 260]);
  expect(opened.length).toBeLessThan(50);
});

test("a connection that never worked is not tried quickly", async () => {
  const { opened } = await started({ onOpen: ({ observer }) => observer.onError(new TelltaleError("unreachable")) });

  await vi.advanceTimersByTimeAsync(MINUTE_MS);

  expect(delaysOf(opened).slice(0, 5)).toEqual([125, 250, 500, 1_000, 2_000]);
});

test("a watch that was open for ten seconds or less keeps its longer delay", async () => {
  const { opened, last } = await started();
  for (const _ of [1, 2]) {
    last().onError(busy());
    await vi.advanceTimersByTimeAsync(5_000);
  }
  last().onStarted();
  await vi.advanceTimersByTimeAsync(10_000);
  last().onError(busy());
  const before = opened.length;

  await vi.advanceTimersByTimeAsync(499);
  expect(opened.length).toBe(before);
  await vi.advanceTimersByTimeAsync(1);

  expect(opened.length).toBe(before + 1);
});

test("a watch continues after the last position that it received, and an event makes the next delay short again", async () => {
  const { opened, last } = await started({ after: "p0" });
  for (const _ of [1, 2, 3]) {
    last().onError(busy());
    await vi.advanceTimersByTimeAsync(5_000);
  }
  last().onData(["new", "p1"]);
  last().onData(["stale", "p0"]);
  last().onError(busy());
  const before = opened.length;

  await vi.advanceTimersByTimeAsync(125);

  expect(opened.length).toBe(before + 1);
  expect(opened[0]?.after).toBe("p0");
  expect(opened.at(-1)?.after).toBe("p1");
});

test("frames that it has seen before do not make the next delay short again", async () => {
  const { opened, last } = await started();
  for (const _ of [1, 2, 3]) {
    last().onError(busy());
    await vi.advanceTimersByTimeAsync(5_000);
  }
  last().onData(["stale", "p0"]);
  last().onError(busy());
  const before = opened.length;

  await vi.advanceTimersByTimeAsync(999);

  expect(opened.length).toBe(before);
});

test("an error that no retry can fix ends the watch with it, once", async () => {
  const { ends, last, opened, states, open } = await started();
  const observer = last();

  observer.onError(new TelltaleError("not_found"));
  observer.onError(new TelltaleError("forbidden"));
  await vi.advanceTimersByTimeAsync(MINUTE_MS);

  expect(ends).toEqual([expect.objectContaining({ code: "not_found" })]);
  expect(opened).toHaveLength(1);
  expect(states.at(-1)).toBe("closed");
  expect(open()).toBe(0);
});

test("a malformed frame ends the watch with the reason", async () => {
  const { ends, last, open } = await started();

  last().onData(["new", "malformed"]);

  expect(ends).toEqual([expect.objectContaining({ code: "invalid_input" })]);
  expect(open()).toBe(0);
});

test("after the end of a job, a watch ends without an error, whether the server completes it, fails it or is lost", async () => {
  for (const how of ["complete", "fail", "lose", "wait"] as const) {
    const { ends, last, states, opened } = await started();
    last().onData(["final", "p9"]);
    expect(ends).toEqual([]);

    if (how === "complete") last().onComplete();
    if (how === "fail") last().onError(busy());
    if (how === "lose") last().onConnectionStateChange({ state: "connecting" });
    if (how === "wait") await vi.advanceTimersByTimeAsync(5_000);

    expect(ends, how).toEqual([null]);
    expect(opened).toHaveLength(1);
    expect(states.at(-1)).toBe("closed");
  }
});

test("a job that is rerun within the grace period after its end is still watched", async () => {
  const { ends, last } = await started();
  last().onData(["final", "p9"]);
  await vi.advanceTimersByTimeAsync(4_999);
  last().onData(["new", "p10"]);

  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  last().onConnectionStateChange({ state: "connecting" });

  expect(ends).toEqual([]);
});

test("a lost connection is reported as reconnecting, and as connecting before it was ever live", async () => {
  const early = await started();
  early.last().onConnectionStateChange({ state: "connecting" });
  const { last, states } = await started();
  last().onStarted();
  last().onStarted();
  for (const state of ["pending", "idle"] as const) last().onConnectionStateChange({ state });
  expect(states).toEqual(["connecting", "live"]);

  last().onConnectionStateChange({ state: "connecting" });
  last().onStarted();

  expect(early.states).toEqual(["connecting"]);
  expect(states).toEqual(["connecting", "live", "reconnecting", "live"]);
});

test("events that a link sends after the watch has left it are ignored", async () => {
  const { subscription, last, ends, states } = await started();
  const old = last();

  subscription.pause();
  old.onStarted();
  old.onData(["new", "p1"]);
  old.onError(new TelltaleError("not_found"));
  old.onComplete();

  expect(ends).toEqual([]);
  expect(states).toEqual(["connecting"]);
});

test("a paused watch gives its connection back, and continues after its last position", async () => {
  const { subscription, last, opened, open } = await started();
  last().onData(["new", "p1"]);

  subscription.pause();
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  expect([open(), opened.length]).toEqual([0, 1]);
  subscription.start();
  await vi.advanceTimersByTimeAsync(0);

  expect(opened.map(({ after }) => after)).toEqual([undefined, "p1"]);
  expect(open()).toBe(1);
});

test("a watch that waits before its next try leaves nothing behind when it is stopped", async () => {
  const { subscription, last, opened, ends, states } = await started();
  last().onError(busy());

  subscription.stop();
  subscription.stop();
  subscription.start();
  await vi.advanceTimersByTimeAsync(MINUTE_MS);

  expect(vi.getTimerCount()).toBe(0);
  expect(opened).toHaveLength(1);
  expect(ends).toEqual([]);
  expect(states).toEqual(["connecting", "closed"]);
});

test("a page that wakes up opens its watch at once instead of waiting for the next try, and only once", async () => {
  const page = new EventTarget();
  vi.stubGlobal("addEventListener", page.addEventListener.bind(page));
  vi.stubGlobal("removeEventListener", page.removeEventListener.bind(page));
  const { last, opened } = await started();
  last().onError(busy());
  await vi.advanceTimersByTimeAsync(60);

  page.dispatchEvent(new Event("online"));
  await vi.advanceTimersByTimeAsync(0);
  expect(delaysOf(opened)).toEqual([60]);
  page.dispatchEvent(new Event("online"));
  await vi.advanceTimersByTimeAsync(MINUTE_MS);

  expect(opened).toHaveLength(2);
});

test("a link that ends the watch while it is being opened is unsubscribed", async () => {
  const { ends, open } = await started({ onOpen: ({ observer }) => observer.onComplete() });

  expect(ends).toEqual([null]);
  expect(open()).toBe(0);
});

test("a tRPC client that cannot subscribe ends the watch with invalid_config and the remedy", async () => {
  const cause = new Error("no such link");
  const { ends } = await started({
    open: () => {
      throw cause;
    },
  });

  expect(ends).toEqual([
    expect.objectContaining({ code: "invalid_config", message: expect.stringContaining("Give it a wsLink"), cause }),
  ]);
});

test("a link that refuses at once with a known error ends the watch with that error", async () => {
  const { ends } = await started({
    open: () => {
      throw new TelltaleError("unauthorized");
    },
  });

  expect(ends).toEqual([expect.objectContaining({ code: "unauthorized" })]);
});

test("a watch beyond the limit says that it waits, and stays so until it is live", async () => {
  const limit = new SubscriptionLimit(1);
  const first = await started({ limit });
  const second = await started({ limit });
  expect(second.states).toEqual(["waiting"]);

  first.subscription.stop();
  await vi.advanceTimersByTimeAsync(0);
  expect(second.states).toEqual(["waiting"]);
  second.last().onStarted();

  expect(second.states).toEqual(["waiting", "live"]);
});

test("a watch that failed gives its place to one that waits", async () => {
  const limit = new SubscriptionLimit(1);
  const first = await started({ limit });
  const second = await started({ limit });

  first.last().onError(busy());
  await vi.advanceTimersByTimeAsync(0);

  expect(second.open()).toBe(1);
});

test("watches take turns when there are more than may be open", async () => {
  const limit = new SubscriptionLimit(1);
  const first = await started({ limit });
  const second = await started({ limit });
  first.last().onData(["new", "p1"]);

  await vi.advanceTimersByTimeAsync(3_000);
  expect([first.open(), second.open()]).toEqual([0, 1]);
  expect(first.states.at(-1)).toBe("waiting");
  second.last().onStarted();
  await vi.advanceTimersByTimeAsync(3_000);

  expect([first.open(), second.open()]).toEqual([1, 0]);
  expect(first.opened.at(-1)?.after).toBe("p1");
});

test("every watch shows a state when there are more than may be open and connecting takes longer than a turn", async () => {
  const limit = new SubscriptionLimit(2);
  const connectSlowly = ({ observer, after }: Opened): void => {
    setTimeout(() => {
      observer.onStarted();
      if (!after) observer.onData(["new", "p1"]);
    }, 5_000);
  };
  const watches = [];
  for (const _ of [1, 2, 3, 4, 5]) watches.push(await started({ limit, onOpen: connectSlowly }));

  await vi.advanceTimersByTimeAsync(MINUTE_MS);

  for (const { states, opened } of watches) {
    expect(states).toContain("live");
    expect(opened.at(-1)?.after).toBe("p1");
  }
});

test("a watch works without a listener for its connection, and in spite of one that throws", async () => {
  const errors: unknown[] = [];
  const run = async (task: () => void): Promise<void> => {
    await Promise.resolve();
    try {
      task();
    } catch (error) {
      errors.push(error);
    }
  };
  vi.stubGlobal("queueMicrotask", (task: () => void) => void run(task));
  const silent = await started({ onConnection: undefined });
  silent.last().onStarted();
  await vi.advanceTimersByTimeAsync(0);
  expect(errors).toEqual([]);

  const failing = await started({
    onConnection: (state) => {
      throw new Error(state);
    },
  });
  failing.last().onData(["new", "p1"]);
  failing.last().onError(busy());
  await vi.advanceTimersByTimeAsync(125);

  expect(failing.opened.map(({ after }) => after)).toEqual([undefined, "p1"]);
  expect(errors.map(String)).toEqual(["Error: connecting", "Error: live", "Error: reconnecting"]);
});
