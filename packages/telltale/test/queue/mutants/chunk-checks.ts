import { expect } from "vitest";
import { parseChunkLine } from "../../../src/queue/record/chunk-line.js";
import { claimOne, ERROR, OUTPUT } from "../harness.js";
import type { Subject } from "./subject.js";

/** Streamed output. */
export const chunkChecks = {
  "each chunk is stored once, even if it is sent twice": async (on: Subject) => {
    const id = await on.submit();
    const lease = await claimOne(on.scripts);
    await on.scripts.chunk({ ...lease, first: 1, pieces: ["a", "b"] });
    await on.scripts.chunk({ ...lease, first: 1, pieces: ["a", "b", "c"] });

    expect(await stored(on, id)).toEqual(["1 a", "2 b", "3 c"]);
  },

  "the chunks of the next attempt follow those of the previous one": async (on: Subject) => {
    const id = await on.submit();
    const first = await claimOne(on.scripts);
    await on.scripts.chunk({ ...first, first: 1, pieces: ["a", "b"] });
    await on.scripts.release([first]);
    await on.scripts.chunk({ ...(await claimOne(on.scripts)), first: 1, pieces: ["a"] });

    expect(await stored(on, id)).toEqual(["1 a", "2 b", "3 a"]);
  },

  "a worker that lost its lease cannot stream chunks": async (on: Subject) => {
    const id = await on.submit();
    const lease = await claimOne(on.scripts);
    await on.scripts.fail({ ...lease, error: ERROR, retryInMs: null, pending: null });

    await expect(on.scripts.chunk({ ...lease, first: 1, pieces: ["a"] })).rejects.toMatchObject({ code: "lease_lost" });
    expect(await stored(on, id)).toEqual([]);
  },

  "a new round streams from the beginning": async (on: Subject) => {
    const id = await on.submit();
    const first = await claimOne(on.scripts);
    await on.scripts.chunk({ ...first, first: 1, pieces: ["a"] });
    await on.scripts.complete({ ...first, output: OUTPUT, pending: null });
    await on.scripts.rerun(id, 1);
    await on.scripts.chunk({ ...(await claimOne(on.scripts)), first: 1, pieces: ["b"] });

    expect(await stored(on, id)).toEqual(["1 b"]);
  },

  "chunks of several jobs share a call, in which a lost lease, a damaged record and a full job concern only themselves":
    async (on: Subject) => {
      for (let n = 1; n <= 4; n++) await on.submit();
      const [lost, damaged, full, last] = [
        await claimOne(on.scripts),
        await claimOne(on.scripts),
        await claimOne(on.scripts),
        await claimOne(on.scripts),
      ];
      await on.scripts.release([lost]);
      await on.redis.hset(on.key(`job:${damaged.id}`), "chunk_count", "x", "chunk_bytes", "y");
      await on.redis.hset(on.key(`job:${full.id}`), "chunk_end", "1");

      const batches = [lost, damaged, full, last].map((lease) => ({ ...lease, first: 1, pieces: ["a", "b"] }));
      const words = await Promise.allSettled(batches.map((batch) => on.scripts.chunk(batch)));

      expect(words).toMatchObject([
        { reason: { code: "lease_lost" } },
        { value: "stored" },
        { value: "truncated" },
        { value: "stored" },
      ]);
      expect(await Promise.all(batches.map(({ id }) => stored(on, id)))).toEqual([
        [],
        ["1 a", "2 b"],
        [],
        ["1 a", "2 b"],
      ]);
    },
};

async function stored({ redis, key }: Subject, id: string): Promise<string[]> {
  const lines = await redis.lrange(key(`chunks:${id}`), 0, -1);
  return lines.map((line) => {
    const chunk = parseChunkLine(String(line));
    return `${chunk?.n} ${chunk?.data}`;
  });
}
