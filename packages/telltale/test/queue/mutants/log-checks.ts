import { LOG_LIMITS } from "telltale";
import { expect } from "vitest";
import { parseLogLine } from "../../../src/queue/record/log-line.js";
import type { LoggedLine } from "../../../src/queue/scripts/log/log.js";
import { claimOne, ERROR, OUTPUT } from "../harness.js";
import type { Subject } from "./subject.js";

/** Logs of jobs. */
export const logChecks = {
  "each log line is stored once, even if it is sent twice": async (on: Subject) => {
    const id = await on.submit();
    const lease = await claimOne(on.scripts);
    await on.scripts.log({ ...lease, lines: [line(1), line(2)] });
    await on.scripts.log({ ...lease, lines: [line(1), line(2), line(3)] });
    await on.scripts.markLog({ ...lease, lines: [line(3)] });

    expect(await stored(on, id)).toEqual(["1 line 1", "2 line 2", "3 line 3"]);
  },

  "the log of the next attempt and the next round follows that of the previous one": async (on: Subject) => {
    const id = await on.submit();
    const first = await claimOne(on.scripts);
    await on.scripts.log({ ...first, lines: [line(1), line(2)] });
    await on.scripts.release([first]);
    const second = await claimOne(on.scripts);
    await on.scripts.log({ ...second, lines: [line(1)] });
    await on.scripts.complete({ ...second, output: OUTPUT, pending: null });
    await on.scripts.rerun(id, 1);
    await on.scripts.log({ ...(await claimOne(on.scripts)), lines: [line(1)] });

    expect(await stored(on, id)).toEqual(["1 line 1", "2 line 2", "3 line 1", "4 line 1"]);
  },

  "a worker that lost its lease cannot log": async (on: Subject) => {
    const id = await on.submit();
    const lease = await claimOne(on.scripts);
    await on.scripts.fail({ ...lease, error: ERROR, retryInMs: null, pending: null });

    await expect(on.scripts.log({ ...lease, lines: [line(1)] })).rejects.toMatchObject({ code: "lease_lost" });
    await expect(on.scripts.markLog({ ...lease, lines: [line(1)] })).rejects.toMatchObject({ code: "lease_lost" });
    expect(await stored(on, id)).toEqual([]);
  },

  "the lines of several jobs in one call go to their logs": async (on: Subject) => {
    for (let i = 0; i < 3; i++) await on.submit();
    const first = await claimOne(on.scripts);
    const lost = await claimOne(on.scripts);
    const last = await claimOne(on.scripts);
    await on.scripts.fail({ ...lost, error: ERROR, retryInMs: null, pending: null });

    const told = await Promise.allSettled([
      on.scripts.log({ ...first, lines: [line(1), line(2)] }),
      on.scripts.log({ ...lost, lines: [line(1)] }),
      on.scripts.log({ ...last, lines: [line(1)] }),
    ]);

    expect(told.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(await Promise.all([first, lost, last].map(({ id }) => stored(on, id)))).toEqual([
      ["1 line 1", "2 line 2"],
      [],
      ["1 line 1"],
    ]);
  },

  "lines that a worker dropped are counted": async (on: Subject) => {
    const id = await on.submit();
    const lease = await claimOne(on.scripts);
    await on.scripts.log({ ...lease, lines: [line(1), line(10)] });
    await on.scripts.log({ ...lease, lines: [line(20)] });

    expect(await stored(on, id)).toEqual(["1 line 1", "10 line 10", "20 line 20"]);
  },

  "a log line has the time at which it was logged, and is published": async (on: Subject) => {
    const id = await on.submit();
    const lease = await claimOne(on.scripts);
    const messages = on.redis.duplicate();
    try {
      const heard: string[] = [];
      messages.on("message", (_channel, message) => heard.push(message));
      await messages.subscribe(on.key(`logs:${id}`));
      await on.scripts.log({ ...lease, lines: [line(1, { ageMs: 40 })] });

      await expect.poll(() => heard).toHaveLength(1);
      expect(heard).toEqual(await on.redis.lrange(on.key(`logs:${id}`), 0, -1));
      expect(parseLogLine(heard[0] ?? "")).toMatchObject({ at: on.clock.now() - 40, round: 1, attempt: 1 });
    } finally {
      messages.disconnect();
    }
  },

  "the log of a job is limited in lines and in size": async (on: Subject) => {
    const id = await on.submit();
    const lease = await claimOne(on.scripts);
    for (let from = 1; from <= LOG_LIMITS.lines + 200; from += 200) {
      await on.scripts.log({ ...lease, lines: Array.from({ length: 200 }, (_, i) => line(from + i)) });
    }
    expect(await on.redis.llen(on.key(`logs:${id}`))).toBe(LOG_LIMITS.lines);

    const tenth = "x".repeat(LOG_LIMITS.bytes / 10);
    for (let number = 2_001; number <= 2_030; number++) {
      await on.scripts.log({ ...lease, lines: [line(number, { text: tenth })] });
    }
    expect(await on.redis.llen(on.key(`logs:${id}`))).toBe(9);
  },

  "a log whose list something else deleted goes on": async (on: Subject) => {
    const id = await on.submit();
    const lease = await claimOne(on.scripts);
    const half = "x".repeat(LOG_LIMITS.bytes / 2);
    await on.scripts.log({ ...lease, lines: [line(1, { text: half }), line(2, { text: half })] });
    await on.redis.del(on.key(`logs:${id}`));
    await on.scripts.log({ ...lease, lines: [line(3, { text: half })] });
    await on.scripts.log({ ...lease, lines: [line(4, { text: half })] });

    expect(await on.redis.llen(on.key(`logs:${id}`))).toBe(1);
  },

  "a log is read from any line on": async (on: Subject) => {
    const id = await on.submit();
    const lease = await claimOne(on.scripts);
    await on.scripts.log({ ...lease, lines: [1, 2, 5, 6, 9].map((number) => line(number)) });

    const read = async (from: number, limit: number): Promise<(number | undefined)[]> => {
      const page = await on.scripts.readLog({ id, from, limit });
      return (page?.lines ?? []).map((one) => parseLogLine(one)?.n);
    };
    expect(await Promise.all([1, 2, 3, 5, 9, 10].map((from) => read(from, 2)))).toEqual([
      ...[[1, 2], [2, 5], [5, 6], [5, 6], [9], []],
    ]);
    expect(await read(1, 10)).toEqual([1, 2, 5, 6, 9]);
    expect(await on.scripts.readLog({ id, from: 1, limit: 1 })).toMatchObject({ status: "running" });
  },
};

function line(number: number, { ageMs = 0, text = `line ${number}` } = {}): LoggedLine {
  return { number, ageMs, level: "info", message: JSON.stringify(text), data: "" };
}

async function stored({ redis, key }: Subject, id: string): Promise<string[]> {
  const lines = await redis.lrange(key(`logs:${id}`), 0, -1);
  return lines.map((one) => {
    const parsed = parseLogLine(String(one));
    return `${parsed?.n} ${JSON.parse(parsed?.message ?? '""')}`;
  });
}
