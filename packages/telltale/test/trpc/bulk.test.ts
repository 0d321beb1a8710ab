import type { BulkProgress } from "telltale";
import { expect } from "vitest";
import { ann, bob, callerFor, type Harness, refusal, root, test } from "./harness.js";

const CANCEL = { action: "cancel", filter: {} } as const;

async function submitted(h: Harness, count: number, who = ann): Promise<string[]> {
  const ids: string[] = [];
  for (let i = 0; i < count; i++) ids.push((await h.as(who).submit({ kind: "echo", input: { text: "a" } })).id);
  return ids;
}

test("bulk actions are for operators only", async ({ h }) => {
  await submitted(h, 1);

  expect(await refusal(h.as(null).bulk.step(CANCEL))).toMatchObject({ cause: "unauthorized" });
  expect(await refusal(h.as(ann).bulk.step(CANCEL))).toMatchObject({ cause: "forbidden" });
  expect(await refusal(h.as(ann).bulk.step({ ...CANCEL, filter: { kind: "echo" } }))).toMatchObject({
    cause: "forbidden",
  });
  expect((await h.as(root).list({ status: "queued" })).jobs).toHaveLength(1);
});

test("a client drives an action step by step with its cursor", async ({ h }) => {
  await submitted(h, 5);
  const steps: BulkProgress[] = [];
  let cursor: string | null | undefined;
  while (cursor !== null) {
    const step: BulkProgress = await h.as(root).bulk.step({ ...CANCEL, limit: 2, ...(cursor && { cursor }) });
    steps.push(step);
    cursor = step.cursor;
  }

  expect(steps.slice(0, 3).map(({ done }) => done)).toEqual([2, 4, 5]);
  expect(steps.at(-1)).toMatchObject({ done: 5, matched: 5, finished: true });
  expect((await h.as(root).list({ status: "cancelled" })).jobs).toHaveLength(5);
});

test("a dry run counts and changes nothing", async ({ h }) => {
  await submitted(h, 3);

  expect(await h.as(root).bulk.step({ ...CANCEL, dryRun: true })).toMatchObject({
    matched: 3,
    done: 0,
    finished: true,
  });
  expect((await h.as(root).list({ status: "queued" })).jobs).toHaveLength(3);
});

test("a custom authorize function is asked for each job", async ({ h }) => {
  const [mine] = await submitted(h, 1, ann);
  await submitted(h, 1, bob);
  await h.telltale.sweep.submit({});
  const as = callerFor(h.telltale, {
    authorize: ({ subject, action, kind, owner }) =>
      action === "watch" || (action === "operate" && kind === "echo" && (owner === null || owner === subject?.id)),
  });

  expect(await as(ann).bulk.step({ ...CANCEL, limit: 10 })).toMatchObject({ matched: 1, done: 1 });
  expect((await h.as(root).list({ status: "cancelled" })).jobs.map(({ id }) => id)).toEqual([mine]);
  expect(await refusal(as(ann).bulk.step({ ...CANCEL, filter: { kind: "sweep" } }))).toMatchObject({
    cause: "forbidden",
  });
  expect(await refusal(as(ann).bulk.step({ ...CANCEL, filter: { errorText: "a" } }))).toMatchObject({
    cause: "forbidden",
  });
});

test.for<[string, object]>([
  ["an unknown action", { action: "obliterate", filter: {} }],
  ["no filter", { action: "cancel" }],
  ["an unknown filter", { action: "cancel", filter: { statsu: "failed" } }],
  ["an unknown status", { action: "cancel", filter: { status: "broken" } }],
  ["a limit of a million", { action: "cancel", filter: {}, limit: 1_000_000 }],
  ["a cursor of somebody else's making", { action: "cancel", filter: {}, cursor: "e30" }],
  ["a rerun without statuses", { action: "rerun", filter: {} }],
])("%s is refused as invalid input", async ([, input], { h }) => {
  expect(await refusal(h.as(root).bulk.step(input as typeof CANCEL))).toMatchObject({ cause: "invalid_input" });
});
