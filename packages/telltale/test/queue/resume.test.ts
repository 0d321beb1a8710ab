import { expect } from "vitest";
import { encode } from "../../src/core/codec/codec.js";
import { type JobUpdate, positionOf } from "../../src/queue/watch/job-update.js";
import { all, runThrough, submitPersistent, told } from "./feed-story.js";
import { claimOne, OUTPUT, test } from "./harness.js";

const cursorOf = (update: JobUpdate | undefined): string => (update ? positionOf(update) : "");

test("a watcher that resumes after any event of a job with several attempts gets exactly the remaining ones", async ({
  h,
}) => {
  const id = await submitPersistent(h);
  await runThrough(h, 5);
  const whole = await all(h.telltale.$engine.watch(id));
  expect(whole).toHaveLength(18);

  for (let k = 0; k < whole.length; k++) {
    const rest = await all(h.telltale.$engine.watch(id, { after: cursorOf(whole[k]) }));
    expect(rest).toEqual(whole.slice(k + 1));
  }
});

test("watch and chunks of a handle continue from the position at which another handle stopped", async ({ h }) => {
  const job = await h.telltale.resize.submit({ width: 1 });
  const lease = await claimOne(h.scripts);
  await h.scripts.chunk({ ...lease, first: 1, pieces: ["1", "2"].map((text) => encode({ text })) });
  await h.scripts.complete({ ...lease, output: OUTPUT, pending: null });

  const [watch, chunks] = [job.watch(), job.chunks()];
  await watch.next();
  await chunks.next();
  await Promise.all([watch.return?.(), chunks.return?.()]);

  expect((await all(job.watch({ after: watch.position }))).map(({ seq }) => seq)).toEqual([2, 3]);
  expect((await all(job.chunks({ after: chunks.position }))).map(({ n }) => n)).toEqual([2]);
});

test("a watch that resumes at the end of the round ends at once", async ({ h }) => {
  const id = await submitPersistent(h);
  await runThrough(h, 0);
  const whole = await all(h.telltale.$engine.watch(id));

  expect(await all(h.telltale.$engine.watch(id, { after: cursorOf(whole.at(-1)) }))).toEqual([]);
});

test("a watcher that resumes after a progress report does not get it again", async ({ h }) => {
  const { id } = await h.telltale.resize.submit({ width: 1 });
  const lease = await claimOne(h.scripts);
  await h.scripts.progress({ ...lease, n: 1, progress: "1" });
  const watch = h.telltale.$engine.watch(id);
  for (let i = 0; i < 2; i++) await watch.next();
  const { value: report } = await watch.next();
  await watch.return();
  await h.scripts.complete({ ...lease, output: OUTPUT, pending: null });

  expect(told(await all(h.telltale.$engine.watch(id, { after: cursorOf(report ?? undefined) })))).toEqual([
    "3.0 completed",
  ]);
});

test.for([
  ["garbage", "x"],
  ["nothing", ""],
  ["numbers out of range", "zzzzzzzzzz:999999999999.999999999999"],
  ["a property of every object", "__proto__"],
  ["another time for the same event", "1:2.0"],
  ["an event in the future", "lll1:9.0"],
] as const)("a cursor that is %s gets one snapshot with reset", async ([, after], { h }) => {
  const id = await submitPersistent(h);
  await runThrough(h, 0);

  const seen = await all(h.telltale.$engine.watch(id, { after }));

  expect(told(seen)).toEqual(["3.0 completed!"]);
  expect(seen[0]?.payload).toBe(OUTPUT);
});

test("a cursor of another job gets a snapshot with reset", async ({ h }) => {
  const one = await submitPersistent(h);
  await runThrough(h, 0);
  const two = await submitPersistent(h);
  await runThrough(h, 0);
  const foreign = await all(h.telltale.$engine.watch(one));

  expect(told(await all(h.telltale.$engine.watch(two, { after: cursorOf(foreign[1]) })))).toEqual(["3.0 completed!"]);
});

test("a cursor at the end of an earlier round continues with the next one, and an earlier cursor gets that end too", async ({
  h,
}) => {
  const id = await submitPersistent(h);
  await runThrough(h, 0);
  const first = await all(h.telltale.$engine.watch(id));
  await h.telltale.$engine.rerun(id);
  await runThrough(h, 0);

  const fromEnd = await all(h.telltale.$engine.watch(id, { after: cursorOf(first[2]) }));
  const fromBefore = await all(h.telltale.$engine.watch(id, { after: cursorOf(first[1]) }));

  expect(told(fromEnd)).toEqual(["4.0 queued", "5.0 running", "6.0 completed"]);
  expect(fromBefore).toEqual([first[2], ...fromEnd]);
});

test("a watcher without a cursor gets only the newest round", async ({ h }) => {
  const id = await submitPersistent(h);
  await runThrough(h, 0);
  await h.telltale.$engine.rerun(id);
  await runThrough(h, 0);

  expect(told(await all(h.telltale.$engine.watch(id)))).toEqual(["4.0 queued", "5.0 running", "6.0 completed"]);
});

test("if a job has more events than its feed keeps, a late watcher and a cursor that is no longer kept get a snapshot", async ({
  h,
}) => {
  const id = await submitPersistent(h);
  const early = h.telltale.$engine.watch(id);
  const { value: first } = await early.next();
  await early.return();
  await runThrough(h, 30);
  const job = await h.telltale.$engine.find.read(id);
  expect(job?.feed).toHaveLength(64);
  const kept = job?.feed[0];

  expect(told(await all(h.telltale.$engine.watch(id)))).toEqual(["93.0 completed"]);
  expect(told(await all(h.telltale.$engine.watch(id, { after: cursorOf(first ?? undefined) })))).toEqual([
    "93.0 completed!",
  ]);
  const rest = await all(h.telltale.$engine.watch(id, { after: `${kept?.at.toString(36)}:${kept?.seq}.0` }));
  expect(rest.map(({ position }) => position.seq)).toEqual(Array.from({ length: 63 }, (_, i) => 31 + i));
});

test("a job with exactly as many events as its feed keeps is replayed completely, without a reset", async ({ h }) => {
  const id = await submitPersistent(h);
  await runThrough(h, 20);
  await h.telltale.$engine.rerun(id);
  await h.scripts.cancel(id);
  // 65 transitions, of which the feed keeps 64 and the first can be derived. The watcher has seen none of them.
  const { $engine } = h.telltale;
  const at = (await $engine.find.read(id))?.createdAt ?? 0;

  const seen = await all($engine.watch(id, { after: `${at.toString(36)}:1.0` }));

  expect(seen.map(({ position }) => position.seq)).toEqual(Array.from({ length: 64 }, (_, i) => 2 + i));
  expect(seen.some(({ reset }) => reset)).toBe(false);
});
