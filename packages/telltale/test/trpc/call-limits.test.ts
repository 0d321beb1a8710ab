import { expect } from "vitest";
import type { Sink } from "../../src/trpc/sink.js";
import { ann, bob, callerFor, refusal, root, test } from "./harness.js";

const job = { kind: "echo", input: { text: "hi" } } as const;

const from = (address: string): Sink => ({
  transport: "http",
  address,
  identify: () => {},
  writable: () => true,
  drained: async () => {},
  admit: () => () => {},
});

test("after a subject has spent its budget of a minute, all its calls are refused with too_many, but not those of others", async ({
  h,
}) => {
  const as = callerFor(h.telltale, { costPerMinute: 12 });
  const { id } = await as(ann).submit(job);
  await as(ann).get({ id });
  await as(ann).list({});

  const calls = [
    () => as(ann).get({ id }),
    () => as(ann).list({}),
    () => as(ann).cancel({ id }),
    () => as(ann).submit(job),
    () => as(ann).submitMany([job]),
    () => as(ann).onStatus({ id }),
    () => as(ann).onChunk({ id }),
    () => as(ann).logs({ id }),
    () => as(ann).onLogs({ id }),
    () => as(ann).rerun({ id }),
    () => as(ann).queues.list(),
    () => as(ann).queues.onStats({}),
    () => as(ann).queues.history({ queue: "echo" }),
    () => as(ann).queues.pause({ queue: "echo" }),
    () => as(ann).queues.resume({ queue: "echo" }),
    () => as(ann).schedules.list(),
    () => as(ann).schedules.set({ ...job, name: "s", everyMs: 60_000 }),
    () => as(ann).schedules.remove({ name: "s" }),
  ];
  for (const call of calls) {
    expect(await refusal(call())).toMatchObject({ code: "TOO_MANY_REQUESTS", cause: "too_many" });
  }

  await as(bob).submit(job);
});

test("a call for several jobs costs as much as one call for each", async ({ h }) => {
  const as = callerFor(h.telltale, { costPerMinute: 5 });
  const made = await as(ann).submitMany([job, job, job]);
  const ids = made.flatMap((one) => ("id" in one ? [one.id] : []));

  expect(await refusal(as(ann).submitMany([job, job, job]))).toMatchObject({ cause: "too_many" });
  expect(await refusal(as(root).rerun({ ids: [...ids, ...ids] }))).toMatchObject({ cause: "too_many" });
  await as(ann).submit(job);
});

test("callers with a new subject for each call share the budget of their address", async ({ h }) => {
  const as = callerFor(h.telltale, { costPerMinute: 1 });
  for (let n = 0; n < 10; n++) await as({ id: `new ${n}` }, undefined, from("1.2.3.4")).submit(job);

  const refused = await refusal(as({ id: "newer" }, undefined, from("1.2.3.4")).submit(job));

  expect(refused).toMatchObject({ cause: "too_many" });
  await as({ id: "other" }, undefined, from("1.2.3.5")).submit(job);
});

test("callers that only have tokens share the budget of their address", async ({ h }) => {
  const as = callerFor(h.telltale, { costPerMinute: 1 });
  const { id, token } = await as(ann).submit(job);
  for (let n = 0; n < 10; n++) await as(null, undefined, from("1.2.3.4")).get({ id, token });

  expect(await refusal(as(null, undefined, from("1.2.3.4")).get({ id, token }))).toMatchObject({ cause: "too_many" });
  expect(await as(null, undefined, from("1.2.3.5")).get({ id, token })).toMatchObject({ id });
});

test("lists of a caller beyond the limit wait, further ones are refused, and submits still go through", async ({
  h,
}) => {
  const as = callerFor(h.telltale, { listsAtOnce: 1 });

  const lists = Array.from({ length: 60 }, () => as(ann).list({ tag: "none" }));
  const submitted = as(ann).submit(job);
  const outcomes = await Promise.allSettled(lists);

  expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(51);
  await submitted;
});

test.for(["costPerMinute", "listsAtOnce"])("a %s below 1 is refused", (name, { h }) => {
  for (const value of [0, -1, 1.5, Number.NaN]) {
    expect(() => callerFor(h.telltale, { [name]: value })).toThrow(expect.objectContaining({ code: "invalid_config" }));
  }
});
