import { expect } from "vitest";
import { parseFeedMessage } from "../../../src/queue/record/feed-line.js";
import { claimOne, ERROR, LEASE_MS, OUTPUT } from "../harness.js";
import type { Subject } from "./subject.js";

/** What is published, and what a watcher reads when it starts. */
export const toldChecks = {
  "each change is published once, in order and with its payload": async (on: Subject) => {
    const { scripts } = on;
    const said = await saidDuring(on, async () => {
      await failedOnce(on);
      const second = await claimOne(scripts);
      await scripts.cancel(second.id);
      await scripts.complete({ ...second, output: OUTPUT, pending: { n: 1, progress: "q" } });
      await scripts.complete({ ...second, output: OUTPUT, pending: { n: 1, progress: "q" } });
    });

    expect(said).toEqual([
      "2 running 1",
      "2.1 p",
      `3 retrying 1 ${ERROR}`,
      "4 queued 1",
      "5 running 2",
      "5.1 cancel",
      "cancel 2",
      "5.2 cancel q",
      `6 completed 2 ${OUTPUT}`,
    ]);
  },

  "reports of several jobs share a call, in which a lost lease concerns only itself": async (on: Subject) => {
    for (let n = 1; n <= 2; n++) await on.submit();
    const leases = [await claimOne(on.scripts), await claimOne(on.scripts)];
    const reports = [{ id: leases[0]?.id ?? "", fence: 9 }, ...leases].map((lease) => ({
      ...lease,
      n: 1,
      progress: `of ${lease.id}`,
    }));

    const answers = await Promise.allSettled(reports.map((report) => on.scripts.progress(report)));

    expect(answers).toMatchObject([
      { reason: { code: "lease_lost" } },
      { status: "fulfilled" },
      { status: "fulfilled" },
    ]);
    for (const { id } of leases) expect((await on.read(id)).progress).toBe(`of ${id}`);
  },

  "the feed holds every change that was published": async (on: Subject) => {
    const { scripts } = on;
    const id = await failedOnce(on);
    await scripts.complete({ ...(await claimOne(scripts)), output: OUTPUT, pending: null });
    await scripts.rerun(id, 1);

    const { feed, output, error, progress } = await on.read(id);
    expect(feed.map(({ seq, status, attempt, payload }) => [seq, status, attempt, payload])).toEqual([
      [2, "running", 1, null],
      [3, "retrying", 1, ERROR],
      [4, "queued", 1, null],
      [5, "running", 2, null],
      [6, "completed", 2, OUTPUT],
      [7, "queued", 0, null],
    ]);
    expect([output, error, progress]).toEqual([null, null, null]);
  },

  "the feed tells who runs a job": async (on: Subject) => {
    const id = await on.submit();
    const worker = { name: "mailer", host: "web-1", pid: 7 };
    await on.scripts.claim({ loop: "l", request: "r", room: 1, leaseMs: LEASE_MS, worker });

    expect((await on.read(id)).feed).toMatchObject([{ status: "running", payload: "web-1 7 mailer" }]);
  },

  "a script that fails halfway publishes nothing": async (on: Subject) => {
    await on.submit();
    const lease = await claimOne(on.scripts);
    await on.redis.set(on.key("completed"), "not ours");

    const said = await saidDuring(on, async () => {
      const pending = { n: 1, progress: "p" };
      await expect(on.scripts.complete({ ...lease, output: OUTPUT, pending })).rejects.toBeDefined();
    });

    expect(said).toEqual([]);
  },
};

async function failedOnce({ scripts, clock, submit }: Subject): Promise<string> {
  const id = await submit();
  const first = await claimOne(scripts);
  await scripts.progress({ ...first, n: 1, progress: "p" });
  await scripts.fail({ ...first, error: ERROR, retryInMs: 100, pending: null });
  clock.advance(100);
  await scripts.promote();
  return id;
}

/** The messages that the queue published during the callback, one line each. */
export async function saidDuring(on: Subject, work: () => Promise<void>): Promise<string[]> {
  const subscriber = on.redis.duplicate();
  try {
    const said: string[] = [];
    // Published after everything else, so it arrives after everything else.
    const end = new Promise((resolve) => {
      subscriber.on("pmessage", (_pattern, channel, line) => {
        if (channel === `${on.prefix}:end`) resolve(undefined);
        else said.push(spoken(line));
      });
    });
    await subscriber.psubscribe(`${on.prefix}:*`);
    await work();
    await on.redis.publish(`${on.prefix}:end`, "");
    await end;
    return said;
  } finally {
    subscriber.disconnect();
  }
}

function spoken(line: string): string {
  const message = parseFeedMessage(line);
  if (!message) return line.replace(/\n.*\n/, " ");
  const { seq } = message;
  if (message.type === "transition")
    return words(String(seq), message.status, String(message.attempt), message.payload);
  return words(`${seq}.${message.rev}`, message.cancelRequested ? "cancel" : null, message.progress);
}

const words = (...all: readonly (string | null)[]): string => all.filter((word) => word !== null).join(" ");
