import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { JobStatus, Position } from "../../core/index.js";
import { silentLogger } from "../../core/internal.js";
import { ChannelMessage } from "../redis/channel-message.js";
import type { JobRecord } from "../scripts/reading/read.js";
import { FeedWatch, type Repair } from "./feed-watch.js";
import type { JobUpdate } from "./job-update.js";

const T = 1_700_000_000_000;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

/** A job as Redis has it. Its events have the times T + 1, T + 2 and so on. */
interface Stored {
  seq: number;
  rev: number;
  status: JobStatus;
  isDeleted: boolean;
  /** What the next reads reject with. */
  failures: number;
  /** Added to the times, after history was rewritten. */
  shift: number;
}

const STATUSES: readonly JobStatus[] = ["queued", "running", "retrying", "queued", "running", "completed"];
const statusAt = (seq: number): JobStatus => STATUSES[seq - 1] ?? "running";

function recordOf({ seq, rev, status, shift }: Stored): JobRecord {
  const at = T + shift;
  const feed = Array.from({ length: seq - 1 }, (_, i) => ({
    ...{ seq: i + 2, at: at + i + 2, status: statusAt(i + 2), round: 1, attempt: 1, payload: null },
  }));
  return {
    ...{ kind: "mail", owner: null, status, seq, rev, at: at + seq, round: 1, attempt: 1, createdAt: at + 1, feed },
    ...{ wasScheduled: false, progress: rev > 0 ? "{}" : null, output: "{}", error: null, cancelRequested: false },
  };
}

const transition = (seq: number, status = statusAt(seq), at = T + seq): string =>
  ["t", seq, at, status, 1, 1, ""].join("\n");
const revision = (seq: number, rev: number, epoch = T + seq): string =>
  ["r", seq, epoch, rev, T, 1, 1, "0", "{}"].join("\n");

/** A watch of a job that was queued, and what it yields as `seq.rev`, with `!` for a reset. */
function world(stored: Partial<Stored> = {}, after: Position | null = null) {
  const job: Stored = { ...{ seq: 1, rev: 0, isDeleted: false, failures: 0, shift: 0, status: "queued" }, ...stored };
  const seen: string[] = [];
  const repairs: Repair[] = [];
  const warnings: object[] = [];
  let reads = 0;
  const held: (() => void)[] = [];
  let isHeld = false;
  // Refuses until a test accepts.
  let accepts: (update: JobUpdate) => boolean = () => false;
  const handed: string[] = [];
  const watch = new FeedWatch("mail_1", {
    after,
    handOver: (update) => {
      if (!accepts(update)) return false;
      handed.push(nameOf(update));
      seen.push(nameOf(update));
      return true;
    },
    logger: { ...silentLogger, warn: (data) => void warnings.push(data) },
    onRepair: (repair) => repairs.push(repair),
    read: async () => {
      reads++;
      if (job.failures > 0) {
        job.failures--;
        throw new Error("Redis does not answer");
      }
      const record = job.isDeleted ? null : recordOf(job);
      if (isHeld) await new Promise<void>((resolve) => held.push(resolve));
      return record;
    },
  });
  const state: { end: unknown } = { end: undefined };
  const readAll = async (): Promise<void> => {
    for (let update = await watch.next(); update; update = await watch.next()) seen.push(nameOf(update));
    state.end = "ended";
  };
  return {
    ...{ watch, job, seen, handed, repairs, warnings, state, reads: () => reads },
    /** Updates for which this returns true are handed over. */
    handOverIf: (test: (update: JobUpdate) => boolean) => {
      accepts = test;
    },
    /** Reads what there is from now on. */
    readAll: () => void readAll().catch((error: unknown) => Object.assign(state, { end: error })),
    /** Reads take until they are released. */
    hold: () => {
      isHeld = true;
    },
    release: () => {
      isHeld = false;
      for (const go of held.splice(0)) go();
    },
    settled: () => vi.advanceTimersByTimeAsync(0),
    /** Changes the job without a message. */
    set: (changes: Partial<Stored>) => void Object.assign(job, changes),
    /** Moves the job on, with its message. */
    move: (seq: number) => {
      Object.assign(job, { seq, status: statusAt(seq), rev: 0 });
      watch.message(new ChannelMessage(transition(seq)));
    },
  };
}

function nameOf({ position, reset }: JobUpdate): string {
  return `${position.seq}.${position.rev}${reset ? "!" : ""}`;
}

async function watching(stored: Partial<Stored> = {}, after: Position | null = null) {
  const made = world(stored, after);
  made.readAll();
  made.watch.start();
  await made.settled();
  return made;
}

test("a watcher gets what happened before it came, then each change as it happens, and the end", async () => {
  const { move, seen, settled, state, repairs, reads } = await watching({ seq: 2, status: "running" });
  expect(seen).toEqual(["1.0", "2.0"]);

  for (const seq of [3, 4, 5, 6]) {
    move(seq);
    await settled();
  }

  expect(seen).toEqual(["1.0", "2.0", "3.0", "4.0", "5.0", "6.0"]);
  expect(state.end).toBe("ended");
  expect(repairs).toEqual([]);
  // Once at the start, and once at the end.
  expect(reads()).toBe(2);
});

test.each([
  ["every", () => true],
  ["every other", ({ position: { seq, rev } }: JobUpdate) => (seq + rev) % 2 === 0],
  ["every third", ({ position: { seq, rev } }: JobUpdate) => (seq + rev) % 3 === 0],
])("order is kept when %s update is handed over past the reader", async (_name, test) => {
  const { watch, move, seen, handed, handOverIf, settled, state } = await watching({ seq: 2, status: "running" });
  handOverIf(test);

  // Several within a turn, and the last ones of each turn while the reader takes the first.
  for (const seq of [3, 4, 5]) {
    move(seq);
    for (const rev of [1, 2, 3]) watch.message(new ChannelMessage(revision(seq, rev)));
    await settled();
    for (const rev of [4, 5, 6]) {
      watch.message(new ChannelMessage(revision(seq, rev)));
      await Promise.resolve();
    }
    await settled();
  }
  move(6);
  await settled();

  const order = (name: string | undefined): number => Number(name?.replace(".", ""));
  expect(seen.map(order)).toEqual([...new Set(seen.map(order))].sort((a, b) => a - b));
  expect(seen).toEqual(expect.arrayContaining(["1.0", "2.0", "3.0", "3.6", "4.0", "4.6", "5.0", "5.6", "6.0"]));
  expect(handed.length).toBeGreaterThan(2);
  expect(state.end).toBe("ended");
});

test("nothing is handed over while the reader has not taken what came before, or after the watch was stopped", async () => {
  const { watch, move, seen, handed, handOverIf, settled } = await watching({ seq: 2, status: "running" });
  handOverIf(({ position }) => position.seq !== 3);

  move(3);
  move(4);
  expect(seen).toEqual(["1.0", "2.0"]);
  await settled();
  expect([seen, handed]).toEqual([["1.0", "2.0", "3.0", "4.0"], []]);
  watch.stop();
  move(5);
  await settled();

  expect([seen.length, handed]).toEqual([4, []]);
});

test("changes between transitions are delivered in order, and repeated or old ones are not", async () => {
  const { watch, set, seen, settled, reads } = await watching({ seq: 2, status: "running" });

  for (const rev of [1, 1, 2, 1]) {
    set({ rev });
    watch.message(new ChannelMessage(revision(2, rev)));
    await settled();
  }
  watch.message(new ChannelMessage(revision(1, 9)));
  watch.message(new ChannelMessage(transition(2)));
  watch.message(new ChannelMessage(transition(1)));
  await settled();

  expect(seen).toEqual(["1.0", "2.0", "2.1", "2.2"]);
  expect(reads()).toBe(1);
});

test("after a gap between messages, the job is read and nothing is missing", async () => {
  const { watch, set, seen, settled, repairs } = await watching();

  set({ seq: 5, status: "running" });
  watch.message(new ChannelMessage(transition(5)));
  await settled();

  expect(seen).toEqual(["1.0", "2.0", "3.0", "4.0", "5.0"]);
  expect(repairs).toEqual([{ cause: "gap", updates: 4 }]);
});

test("a change of a later transition, whose own message was lost, makes the watcher read the job", async () => {
  const { watch, set, seen, settled } = await watching();

  set({ seq: 2, status: "running", rev: 3 });
  watch.message(new ChannelMessage(revision(2, 3)));
  await settled();

  expect(seen).toEqual(["1.0", "2.0", "2.3"]);
});

test("messages that arrive while the job is read are delivered after it, once each", async () => {
  const { watch, hold, release, set, seen, settled, reads } = await watching();
  hold();
  watch.resync("reconnect");
  await settled();

  set({ seq: 3, status: "retrying" });
  watch.message(new ChannelMessage(transition(2)));
  watch.message(new ChannelMessage(transition(3)));
  release();
  await settled();

  expect(seen).toEqual(["1.0", "2.0", "3.0"]);
  expect(reads()).toBe(2);
});

test("if a message was lost while the job was read, it is read again", async () => {
  const { watch, hold, release, set, seen, settled, reads } = await watching();
  hold();
  watch.resync("reconnect");
  await settled();

  set({ seq: 3, status: "retrying" });
  watch.message(new ChannelMessage(transition(3)));
  release();
  await settled();

  expect(seen).toEqual(["1.0", "2.0", "3.0"]);
  expect(reads()).toBe(3);
});

test("a second reason to read while the job is read leads to one more read, not to two at a time", async () => {
  const { watch, hold, release, settled, reads } = await watching();
  hold();
  for (let n = 0; n < 5; n++) watch.resubscribed();
  await settled();
  expect(reads()).toBe(2);

  release();
  await settled();

  expect(reads()).toBe(3);
});

test("a flood of messages during a read is not kept in memory without a limit", async () => {
  const { watch, hold, release, set, seen, settled, reads } = await watching({ seq: 2, status: "running" });
  hold();
  watch.resync("reconnect");
  await settled();

  set({ rev: 10_000 });
  for (let rev = 1; rev <= 10_000; rev++) watch.message(new ChannelMessage(revision(2, rev)));
  release();
  await settled();

  expect(seen.at(-1)).toBe("2.10000");
  expect(reads()).toBe(3);
});

test("reads that fail are repeated ever more rarely, and the watcher gets everything in the end", async () => {
  vi.spyOn(Math, "random").mockReturnValue(0.5);
  const { seen, reads, warnings } = await watching({ failures: 9 });
  const counts: number[] = [];
  for (const ms of [49, 1, 99, 1, 199, 1, 400, 800, 1_600, 1_999, 1, 2_000]) {
    await vi.advanceTimersByTimeAsync(ms);
    counts.push(reads());
  }

  expect(counts).toEqual([1, 2, 2, 3, 3, 4, 5, 6, 7, 7, 8, 9]);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(seen).toEqual(["1.0"]);
  expect(warnings[0]).toEqual({ job: "mail_1", error: "Redis does not answer" });
});

test("retries of many watchers are spread over time", async () => {
  vi.spyOn(Math, "random").mockReturnValue(0);
  const { reads } = await watching({ failures: 1 });

  await vi.advanceTimersByTimeAsync(24);
  expect(reads()).toBe(1);
  await vi.advanceTimersByTimeAsync(1);

  expect(reads()).toBe(2);
});

test("a watcher that was behind after a reconnect is reported as repaired, and one that was current is not", async () => {
  const { watch, set, settled, repairs } = await watching();
  watch.resubscribed();
  await settled();
  expect(repairs).toEqual([]);

  set({ seq: 3, status: "retrying" });
  watch.resubscribed();
  await settled();
  set({ seq: 5, status: "running" });
  watch.resync("position_check");
  await settled();

  expect(repairs).toEqual([
    { cause: "reconnect", updates: 2 },
    { cause: "position_check", updates: 2 },
  ]);
});

test("what a watcher gets in its first read is no repair, even if it reconnects meanwhile", async () => {
  const made = world({ seq: 3, status: "retrying" });
  made.readAll();
  made.watch.resubscribed();
  await made.settled();

  expect(made.seen).toEqual(["1.0", "2.0", "3.0"]);
  expect(made.repairs).toEqual([]);
});

test("a forged end does not end the watch", async () => {
  const { watch, move, seen, settled, state } = await watching({ seq: 2, status: "running" });

  watch.message(new ChannelMessage(transition(3, "completed")));
  await settled();
  expect(seen).toEqual(["1.0", "2.0"]);
  expect(state.end).toBeUndefined();
  move(3);
  await settled();

  expect(seen).toEqual(["1.0", "2.0", "3.0"]);
});

test("an announced end is not reported as a repair", async () => {
  const { set, watch, settled, repairs, state } = await watching({ seq: 5, status: "running" });

  set({ seq: 6, status: "completed" });
  watch.message(new ChannelMessage(transition(6)));
  await settled();

  expect(state.end).toBe("ended");
  expect(repairs).toEqual([]);
});

test("the end of a job that was deleted right after it is delivered from its message", async () => {
  const { set, watch, seen, settled, state } = await watching({ seq: 5, status: "running" });

  set({ isDeleted: true });
  watch.message(new ChannelMessage(transition(6)));
  await settled();

  expect(seen.at(-1)).toBe("6.0");
  expect(state.end).toBe("ended");
});

test("a watch of a job that does not exist, or was deleted, rejects with not_found", async () => {
  const missing = await watching({ isDeleted: true });
  const deleted = await watching();
  deleted.set({ isDeleted: true });
  deleted.watch.resync("position_check");
  await deleted.settled();

  expect(missing.state.end).toMatchObject({ code: "not_found", message: "Job mail_1 does not exist" });
  expect(deleted.state.end).toMatchObject({ code: "not_found" });
  expect([missing.watch.isOver, deleted.watch.isOver]).toEqual([true, true]);
});

test("a watcher that resumes gets only what follows its position", async () => {
  const { seen, move, settled } = await watching({ seq: 3, status: "retrying" }, { epoch: T + 2, seq: 2, rev: 0 });
  move(4);
  await settled();

  expect(seen).toEqual(["3.0", "4.0"]);
});

test("a watcher that resumes at the end of the round ends at once", async () => {
  const { seen, state } = await watching({ seq: 6, status: "completed" }, { epoch: T + 6, seq: 6, rev: 0 });

  expect(seen).toEqual([]);
  expect(state.end).toBe("ended");
});

test("a watcher learns that history was rewritten by a failover, from an older number with a newer time", async () => {
  const { watch, set, seen, settled } = await watching({ seq: 3, status: "retrying" });

  set({ seq: 2, status: "running", shift: 100 });
  watch.message(new ChannelMessage(transition(2, "running", T + 102)));
  await settled();

  expect(seen).toEqual(["1.0", "2.0", "3.0", "2.0!"]);
});

test("a watcher learns that history was rewritten, from the same number with another time", async () => {
  const { watch, set, seen, settled } = await watching({ seq: 2, status: "running" });

  set({ shift: 100 });
  watch.message(new ChannelMessage(transition(2, "running", T + 102)));
  await settled();
  set({ rev: 1 });
  watch.message(new ChannelMessage(revision(2, 1, T + 2)));
  await settled();

  expect(seen).toEqual(["1.0", "2.0", "2.0!", "2.1"]);
});

test("a watcher learns that history was rewritten while the clock was set back, and from a change between transitions", async () => {
  const { watch, set, seen, settled } = await watching({ seq: 2, status: "running" });
  expect(watch.position).toEqual({ epoch: T + 2, seq: 2, rev: 0 });

  set({ shift: -100 });
  watch.message(new ChannelMessage(transition(2, "running", T - 98)));
  await settled();
  set({ shift: 100, rev: 1 });
  watch.message(new ChannelMessage(revision(2, 1, T + 102)));
  await settled();

  expect(seen).toEqual(["1.0", "2.0", "2.0!", "2.1!"]);
});

test("a reader that is too slow gets a snapshot that says so, and then goes on", async () => {
  const made = world();
  made.watch.start();
  await made.settled();
  for (let seq = 2; seq <= 67; seq++) {
    Object.assign(made.job, { seq, status: "running" });
    made.watch.message(new ChannelMessage(transition(seq, "running")));
  }
  await made.settled();
  // Nothing is read for a reader that does not read.
  made.watch.message(new ChannelMessage(transition(68, "running")));
  made.watch.resync("position_check");
  expect(made.reads()).toBe(1);

  made.readAll();
  await made.settled();
  Object.assign(made.job, { seq: 68, status: "running" });
  made.watch.message(new ChannelMessage(transition(68, "running")));
  await made.settled();

  expect(made.seen).toEqual(["67.0!", "68.0"]);
  expect(made.repairs).toEqual([{ cause: "overflow", updates: 1 }]);
});

test("messages before the first read, malformed ones, and those after the end change nothing", async () => {
  const made = world({ seq: 2, status: "running" });
  made.readAll();
  made.watch.message(new ChannelMessage(transition(2)));
  await made.settled();
  expect(made.seen).toEqual([]);
  made.watch.start();
  await made.settled();
  made.watch.message(new ChannelMessage("hello"));
  made.move(3);
  made.watch.stop();
  await made.settled();
  made.watch.message(new ChannelMessage(transition(4)));
  made.watch.resync("gap");
  await made.settled();

  expect(made.seen).toEqual(["1.0", "2.0"]);
  expect(made.state.end).toBe("ended");
  expect(made.reads()).toBe(1);
});

test("a watcher counts as quiet from the last message, read or check on", async () => {
  const { watch, move, settled } = await watching();
  const quiet: number[] = [];
  const note = async (ms: number): Promise<void> => {
    await vi.advanceTimersByTimeAsync(ms);
    quiet.push(watch.quietMs);
  };

  await note(100);
  move(2);
  await note(20);
  watch.confirm();
  await note(30);
  watch.resync("position_check");
  await settled();
  await note(40);

  expect(quiet).toEqual([100, 20, 30, 40]);
});

test("a watch that is stopped while its job cannot be read does not go on reading", async () => {
  const { watch, reads, state } = await watching({ failures: 100 });

  watch.stop();
  await vi.advanceTimersByTimeAsync(60_000);

  expect(reads()).toBe(1);
  expect(state.end).toBe("ended");
});
