import { createClient } from "telltale/client";
import { expect, test } from "vitest";
import { JUDGE_ID, type jobs } from "./contracts.js";
import { deferred } from "./deferred.js";
import { chunk, untilGone } from "./frames.js";
import { startJobsServer } from "./jobs-server.js";

function after(cursor: unknown): number {
  return typeof cursor === "string" ? Number(cursor.split(":")[1]) : 0;
}

test("a job's output arrives complete and in order across a lost connection", async () => {
  let subscriptions = 0;
  await using server = await startJobsServer({
    onChunk: async function* ({ input, signal }) {
      const isFirst = ++subscriptions === 1;
      for (let n = after(input.lastEventId) + 1; n <= (isFirst ? 3 : 6); n++) yield chunk(n);
      if (isFirst) await untilGone(signal);
    },
  });
  await using client = createClient<typeof jobs>({ url: server.url });

  const lines: string[] = [];
  for await (const piece of client.judge.job(JUDGE_ID).chunks()) {
    lines.push(piece.data?.text ?? "truncated");
    if (piece.n === 3) server.cut();
  }

  expect(lines).toEqual([1, 2, 3, 4, 5, 6].map((n) => `line ${n}`));
  expect(subscriptions).toBe(2);
});

test("a reader that is slower than the job's output gets all chunks, and buffers only part of them", async () => {
  const TOTAL = 2_000;
  const cursors: number[] = [];
  const gone = deferred();
  await using server = await startJobsServer({
    onChunk: async function* ({ input, signal }) {
      cursors.push(after(input.lastEventId));
      signal.addEventListener("abort", gone.resolve);
      for (let n = after(input.lastEventId) + 1; n <= TOTAL; n++) {
        yield chunk(n);
        // Yields to the event loop, so that the client can unsubscribe.
        if (n % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      if (cursors.length === 1) await untilGone(signal);
    },
  });
  await using client = createClient<typeof jobs>({ url: server.url });
  const pieces = client.judge.job(JUDGE_ID).chunks();

  const first = await pieces.next();
  await gone.promise;
  const seen = [first.value?.n];
  for await (const piece of pieces) seen.push(piece.n);

  expect(seen).toEqual(Array.from({ length: TOTAL }, (_, i) => i + 1));
  expect(cursors.length).toBeGreaterThan(1);
});
