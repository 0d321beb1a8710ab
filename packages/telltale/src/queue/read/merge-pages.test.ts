import fc from "fast-check";
import { expect, test } from "vitest";
import type { ListedJob, ListedPage } from "../scripts/reading/listed.js";
import type { ListCursor } from "./list-cursor.js";
import { mergePages, type Stream } from "./merge-pages.js";

interface Entry {
  readonly time: number;
  readonly id: string;
  readonly isWanted: boolean;
}

const SCAN = 5;
const QUEUES = ["a", "b"];

// Many entries have the same time and few match, which is where merging goes wrong most easily.
const entries = fc.array(fc.record({ time: fc.integer({ min: 1, max: 6 }), isWanted: fc.boolean() }), {
  maxLength: 25,
});

/** Does what one script call does: returns up to `limit` matching jobs among the SCAN entries from `first` on. */
function read(all: readonly Entry[], first: number, limit: number): ListedPage & { last: number } {
  const jobs: ListedJob[] = [];
  let last = first - 1;
  while (last + 1 < all.length && last + 1 < first + SCAN && jobs.length < limit) {
    last += 1;
    const entry = all[last];
    if (entry?.isWanted) jobs.push(jobOf(entry, last));
  }
  const end = all[last];
  return {
    jobs,
    seen: last + 1 - first,
    last,
    next: end && last + 1 < all.length ? { time: end.time, id: end.id, index: last } : null,
  };
}

function jobOf({ time, id }: Entry, index: number): ListedJob {
  const isWaiting = id.startsWith("w");
  const rest = { kind: "k", createdAt: 0, round: 1, attempt: 0, owner: null, tags: [], error: null, dueAt: null };
  return { id, at: time, order: isWaiting ? index : time, status: isWaiting ? "queued" : "failed", ...rest };
}

const newestFirst = (a: Entry, b: Entry): number => b.time - a.time || (a.id === b.id ? 0 : a.id < b.id ? 1 : -1);

test("all pages of a list together contain each matching job once, newest first", () => {
  const named = (prefix: string) =>
    entries.map((some) => some.map((one, i) => ({ ...one, id: `${prefix}${String(i).padStart(2, "0")}` })));
  const streams = fc.tuple(named("s1-"), named("s2-"), named("wa-"), named("wb-"));

  fc.assert(
    fc.property(streams, fc.integer({ min: 1, max: 7 }), ([one, two, ...lists], limit) => {
      const sorted = [one, two].map((some) => [...some].sort(newestFirst));
      // In a waiting list, jobs with the same time can be in any order.
      const waiting = lists.map((some) => [...some].sort((a, b) => b.time - a.time));
      const pageAt = (from: ListCursor): Stream[] => [
        ...sorted.map((all) => {
          const { sorted } = from;
          const first = sorted ? all.findIndex((entry) => newestFirst({ ...sorted, isWanted: true }, entry) < 0) : 0;
          return { waiting: null, page: first < 0 ? { jobs: [], seen: 0, next: null } : read(all, first, limit) };
        }),
        ...waiting.map((all, i) => {
          const list = { queue: QUEUES[i] ?? "", priority: "normal" } as const;
          const after = from.waiting.find(({ queue }) => queue === list.queue);
          return { waiting: list, page: read(all, after ? after.index + 1 : 0, limit) };
        }),
      ];

      const found: { at: number; id: string }[] = [];
      let from: ListCursor | null = { sorted: null, waiting: [] };
      for (let turns = 0; from; turns++) {
        expect(turns).toBeLessThan(200);
        const page: ReturnType<typeof mergePages> = mergePages(pageAt(from), { limit, from });
        expect(page.jobs.length).toBeLessThanOrEqual(limit);
        found.push(...page.jobs);
        from = page.cursor;
      }

      const wanted = [...sorted, ...waiting].flat().filter(({ isWanted }) => isWanted);
      expect(found.map(({ id }) => id).sort()).toEqual(wanted.map(({ id }) => id).sort());
      expect(found.map(({ at }) => at)).toEqual(wanted.map(({ time }) => time).sort((a, b) => b - a));
    }),
    { numRuns: 500, seed: 20_260_101 },
  );
});

test("a job whose status changed between two reads is listed once, with its newer status", () => {
  const moved = { id: "s", isWanted: true };
  const page = (time: number): Stream => ({
    waiting: null,
    page: { jobs: [jobOf({ ...moved, time }, 0)], seen: 1, next: null },
  });

  const { jobs, cursor } = mergePages([page(1), page(2)], { limit: 5, from: { sorted: null, waiting: [] } });

  expect(jobs.map(({ at }) => at)).toEqual([2]);
  expect(cursor).toBeNull();
});
