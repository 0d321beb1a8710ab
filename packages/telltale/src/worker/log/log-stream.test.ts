import { LOG_LIMITS, TelltaleError } from "telltale";
import { expect, test } from "vitest";
import type { LoggedLine } from "../../queue/internal.js";
import { AbortOnDemand } from "../abort-on-demand.js";
import { LogStream, type LogStreamOptions } from "./log-stream.js";

function stream(send: LogStreamOptions["send"]) {
  const dropped: [number, unknown][] = [];
  const marks: LoggedLine[] = [];
  const giveUp = new AbortOnDemand();
  let leasesLost = 0;
  const log = new LogStream({
    send,
    sendMark: async (line) => void marks.push(line),
    onLeaseLost: () => {
      leasesLost += 1;
    },
    onDropped: (lines, error) => void dropped.push([lines, error]),
    giveUp,
  });
  return { log, dropped, marks, giveUp, leasesLost: () => leasesLost };
}

const write = (log: LogStream, count: number, message = '"x"'): void => {
  for (let i = 0; i < count; i++) log.write("info", message, "");
};

test("while Redis does not answer, only the last thousand lines are kept, and the others leave a gap", async () => {
  let answer = (): void => {};
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const sent: number[] = [];
  const { log } = stream(async (lines) => {
    sent.push(...lines.map(({ number }) => number));
    await answered;
  });

  write(log, 100_000);
  answer();
  await log.flush();

  const last = Array.from({ length: LOG_LIMITS.lines }, (_, i) => 99_001 + i);
  expect(sent.slice(-LOG_LIMITS.lines)).toEqual(last);
  // The lines of the first batch were on their way.
  expect(sent.length).toBeLessThanOrEqual(LOG_LIMITS.lines + 200);
});

test("large lines are kept up to the size of a log", async () => {
  let bytes = 0;
  const { log } = stream(async (lines) => {
    for (const { message } of lines) bytes += message.length;
  });

  write(log, 1_000, JSON.stringify("x".repeat(8_000)));
  await log.flush();

  expect(bytes).toBeLessThanOrEqual(LOG_LIMITS.bytes + 64 * 1024);
  expect(bytes).toBeGreaterThan(LOG_LIMITS.bytes - 10_000);
});

test("lines that a full Redis refused are sent again once it has room, in order", async () => {
  let refusals = 2;
  const sent: number[] = [];
  const { log, dropped, marks } = stream(async (lines) => {
    if (refusals-- > 0) throw new TelltaleError("redis_full");
    sent.push(...lines.map(({ number }) => number));
  });

  write(log, 200);
  await expect.poll(() => sent.length).toBe(200);
  write(log, 1);
  await log.flush();

  expect(sent).toEqual(Array.from({ length: 201 }, (_, i) => i + 1));
  expect({ dropped, marks }).toEqual({ dropped: [], marks: [] });
});

test("at the end of an attempt, lines that a full Redis refuses are replaced by a mark, and counted", async () => {
  const full = new TelltaleError("redis_full");
  const { log, dropped, marks } = stream(async () => {
    throw full;
  });

  write(log, 3);
  await log.flush();

  expect(dropped).toEqual([[3, full]]);
  expect(marks).toMatchObject([{ number: 4, level: "warn" }]);
});

test("after a lost lease nothing is sent, and it is not reported as dropped", async () => {
  let calls = 0;
  const { log, dropped, leasesLost } = stream(async () => {
    calls += 1;
    throw new TelltaleError("lease_lost");
  });

  write(log, 500);
  await log.flush();
  write(log, 500);
  await log.flush();

  expect({ calls, dropped, lost: leasesLost() }).toEqual({ calls: 1, dropped: [], lost: 1 });
});

test("lines that cannot be sent until the worker gives up are counted, and replaced by a mark if Redis answers again", async () => {
  const unavailable = new TelltaleError("redis_unavailable");
  const { log, dropped, marks, giveUp } = stream(async () => {
    throw unavailable;
  });

  write(log, 5);
  const flushed = log.flush();
  giveUp.abort();
  await flushed;

  expect(dropped).toEqual([[5, unavailable]]);
  expect(marks).toMatchObject([{ number: 6, level: "warn" }]);
});

test("a line has its age when it is sent, and again when it is repeated", async () => {
  const ages: number[] = [];
  const { log } = stream(async ([line]) => {
    ages.push(line?.ageMs ?? -1);
    if (ages.length < 3) throw new TelltaleError("outcome_unknown");
  });

  write(log, 1);
  await log.flush();

  expect(ages).toHaveLength(3);
  expect(ages.every(Number.isInteger)).toBe(true);
  expect(ages[2]).toBeGreaterThan(ages[0] ?? 0);
});
