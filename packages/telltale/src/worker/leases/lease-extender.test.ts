import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { TelltaleError } from "../../core/index.js";
import type { Lease } from "../../queue/internal.js";
import { LeaseExtender } from "./lease-extender.js";
import { type FromLeaseThread, type HeldLease, leaseKey } from "./lease-protocol.js";

type Word = "extended" | "cancel_requested" | "lease_lost";

const EXTEND_MS = 4_000;

beforeEach(() => {
  vi.useFakeTimers();
  // Without jitter.
  vi.spyOn(Math, "random").mockReturnValue(0.5);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

function held(id: string, queue = "mail"): HeldLease {
  return { queue, id, fence: 1, timeoutMs: 60_000, retryInMs: 0, attempt: 1, since: 0, heldAt: 0 };
}

/** An extender, and the calls that it makes. `answer` is what Redis says about a lease. */
function world(answer: (id: string, call: number) => Word | Error = () => "extended", extendMs = EXTEND_MS) {
  const calls: { at: number; queue: string; ids: string[]; leaseMs: number }[] = [];
  const told: FromLeaseThread[] = [];
  const extend = (queue: string) => async (leases: readonly Lease[], leaseMs: number) => {
    const ids = leases.map(({ id }) => id);
    calls.push({ at: Date.now(), queue, ids, leaseMs });
    return ids.map((id) => {
      const word = answer(id, calls.length);
      if (word instanceof Error) throw word;
      return word;
    });
  };
  const leases = new Map<string, HeldLease>();
  const real = new LeaseExtender({
    held: { values: () => leases.values(), has: (lease) => leases.has(leaseKey(lease)) },
    scripts: (queue) => (queue === "unknown" ? undefined : { extend: extend(queue) }),
    leaseMs: 12_000,
    extendMs,
    tell: (news) => told.push(news),
  });
  const extender = {
    start: () => real.start(),
    stop: () => real.stop(),
    hold: (lease: HeldLease) => void leases.set(leaseKey(lease), lease),
    drop: (lease: Lease) => void leases.delete(leaseKey(lease)),
  };
  const startedAt = Date.now();
  return { extender, calls, told, times: () => calls.map(({ at }) => at - startedAt) };
}

const types = (told: readonly FromLeaseThread[]): string[] => told.map(({ type }) => type);

test("leases are extended in time, again and again, with one call per queue", async () => {
  const { extender, calls, times, told } = world();
  for (const lease of [held("mail_1"), held("mail_2"), held("digest_1", "digest")]) extender.hold(lease);

  extender.start();
  extender.start();
  await vi.advanceTimersByTimeAsync(2 * EXTEND_MS);

  expect(times()).toEqual([EXTEND_MS, EXTEND_MS, 2 * EXTEND_MS, 2 * EXTEND_MS]);
  expect(calls.map(({ ids }) => ids).slice(0, 2)).toEqual([["mail_1", "mail_2"], ["digest_1"]]);
  expect(new Set(calls.map(({ leaseMs }) => leaseMs))).toEqual(new Set([12_000]));
  expect(told[0]).toEqual({ type: "extended", at: Date.now() - EXTEND_MS });
});

test("after a failed extension the next try follows within a second, because the leases would run out", async () => {
  const { extender, times, told } = world((_, call) =>
    call < 3 ? new TelltaleError("redis_unavailable") : "extended",
  );
  extender.hold(held("mail_1"));

  extender.start();
  await vi.advanceTimersByTimeAsync(3 * EXTEND_MS);

  expect(times()).toEqual([4_000, 4_500, 5_000, 9_000]);
  expect(types(told)).toEqual(["trouble", "trouble", "extended", "extended"]);
});

test("with short leases a retry is not later than the next extension would be", async () => {
  const { extender, times } = world((_, call) => (call < 2 ? new TelltaleError("redis_unavailable") : "extended"), 100);
  extender.hold(held("mail_1"));

  extender.start();
  await vi.advanceTimersByTimeAsync(200);

  expect(times()).toEqual([100, 200]);
});

test("the trouble of one queue does not keep the leases of another from being extended", async () => {
  const { extender, told } = world((id) => (id === "mail_1" ? new TelltaleError("redis_unavailable") : "extended"));
  for (const lease of [held("mail_1"), held("digest_1", "digest"), held("lost_1", "unknown")]) extender.hold(lease);

  extender.start();
  await vi.advanceTimersByTimeAsync(EXTEND_MS);

  expect(types(told)).toEqual(expect.arrayContaining(["trouble", "extended"]));
});

test("a lease of a queue that is not worked on is no trouble", async () => {
  const { extender, told, times } = world();
  for (const lease of [held("lost_1", "unknown"), held("mail_1")]) extender.hold(lease);

  extender.start();
  await vi.advanceTimersByTimeAsync(2 * EXTEND_MS);

  expect(types(told)).toEqual(["extended", "extended"]);
  expect(times()).toEqual([EXTEND_MS, 2 * EXTEND_MS]);
});

test("more than a hundred leases are extended in several calls", async () => {
  const { extender, calls } = world();
  for (let n = 0; n < 200; n++) extender.hold(held(`mail_${n}`));

  extender.start();
  await vi.advanceTimersByTimeAsync(EXTEND_MS);

  expect(calls.map(({ ids }) => ids.length)).toEqual([100, 100]);
  expect(new Set(calls.flatMap(({ ids }) => ids)).size).toBe(200);
});

test("a lost lease is reported once, and not extended again", async () => {
  const { extender, told, calls } = world((id) => (id === "mail_1" ? "lease_lost" : "extended"));
  extender.hold(held("mail_1"));
  extender.hold(held("mail_2"));

  extender.start();
  await vi.advanceTimersByTimeAsync(2 * EXTEND_MS);

  expect(told.filter(({ type }) => type === "lost")).toEqual([{ type: "lost", lease: { id: "mail_1", fence: 1 } }]);
  expect(calls.map(({ ids }) => ids)).toEqual([["mail_1", "mail_2"], ["mail_2"]]);
});

test("a lease that was dropped during the call is not reported as lost", async () => {
  const { extender, told } = world((id) => {
    extender.drop({ id, fence: 1 });
    return "lease_lost";
  });
  extender.hold(held("mail_1"));

  extender.start();
  await vi.advanceTimersByTimeAsync(EXTEND_MS);

  expect(types(told)).toEqual(["extended"]);
});

test("a cancel request is reported, and the lease is still extended while the handler ends", async () => {
  const { extender, told, calls } = world(() => "cancel_requested");
  extender.hold(held("mail_1"));

  extender.start();
  await vi.advanceTimersByTimeAsync(2 * EXTEND_MS);

  expect(told.filter(({ type }) => type === "cancelled")).toEqual([
    { type: "cancelled", lease: { id: "mail_1", fence: 1 } },
    { type: "cancelled", lease: { id: "mail_1", fence: 1 } },
  ]);
  expect(calls).toHaveLength(2);
});

test("an attempt that has ended is no longer extended, but a later attempt of the same job is", async () => {
  const { extender, calls } = world();
  extender.hold(held("mail_1"));
  extender.hold({ ...held("mail_1"), fence: 2 });
  extender.drop({ id: "mail_1", fence: 1 });

  extender.start();
  await vi.advanceTimersByTimeAsync(EXTEND_MS);

  expect(calls.map(({ ids }) => ids)).toEqual([["mail_1"]]);
});

test("a stopped extender makes no more calls, and can be started again", async () => {
  const { extender, calls } = world();
  extender.stop();
  extender.hold(held("mail_1"));
  extender.start();

  extender.stop();
  extender.stop();
  await vi.advanceTimersByTimeAsync(10 * EXTEND_MS);
  expect(calls).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
  extender.start();
  await vi.advanceTimersByTimeAsync(EXTEND_MS);

  expect(calls).toHaveLength(1);
});

test("an extender that is stopped during a call makes no further one", async () => {
  const { extender, calls } = world(() => {
    extender.stop();
    return "extended";
  });
  extender.hold(held("mail_1"));

  extender.start();
  await vi.advanceTimersByTimeAsync(10 * EXTEND_MS);

  expect(calls).toHaveLength(1);
});

test("extensions of workers that started together spread out, and never come late", async () => {
  const random = vi.spyOn(Math, "random");
  const starts = [0, 0.999].map((value) => {
    const made = world();
    made.extender.hold(held("mail_1"));
    random.mockReturnValue(value);
    made.extender.start();
    return made;
  });

  await vi.advanceTimersByTimeAsync(4_800);

  expect(starts.map(({ times }) => Math.round(times()[0] ?? 0))).toEqual([3_200, 4_798]);
});
