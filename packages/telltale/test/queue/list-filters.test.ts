import { type ListOptions, TelltaleError } from "telltale";
import { expect } from "vitest";
import { encode } from "../../src/core/codec/codec.js";
import { claimOne, type Harness, OUTPUT, test } from "./harness.js";

async function failed({ telltale, scripts }: Harness, detail: string, owner?: string): Promise<string> {
  const { id } = await telltale.resize.submit({ width: 1 }, owner === undefined ? {} : { owner });
  const error = encode({ code: "handler_error", message: "The handler failed.", detail });
  await scripts.fail({ ...(await claimOne(scripts)), error, retryInMs: null, pending: null });
  return id;
}

async function found({ telltale }: Harness, options: ListOptions): Promise<string[]> {
  const ids: string[] = [];
  for await (const { jobs } of telltale.resize.list(options)) ids.push(...jobs.map(({ id }) => id));
  return ids;
}

test("jobs are found by several statuses, by when they were submitted and when they ended", async ({ h }) => {
  const first = await failed(h, "one");
  h.clock.advance(60_000);
  const noon = new Date(h.clock.now());
  const second = await failed(h, "two");
  const { id: waiting } = await h.telltale.resize.submit({ width: 1 });

  expect(await found(h, { status: ["failed"], endedFrom: noon })).toEqual([second]);
  expect(await found(h, { status: ["failed", "queued"], submittedFrom: noon })).toEqual(
    expect.arrayContaining([second, waiting]),
  );
  expect(await found(h, { endedTo: new Date(noon.getTime() - 1) })).toEqual([first]);
  // A job that has not ended has no time of its end.
  expect(await found(h, { endedFrom: new Date(0), status: "queued" })).toEqual([]);
});

test("jobs are found by the error message that operators see, also those of one owner", async ({ h }) => {
  const full = await failed(h, "ENOSPC: no space left on device", "ann");
  await failed(h, "ECONNREFUSED", "ann");
  await failed(h, "enospc", "bob");

  expect(await found(h, { errorText: "enospc: NO space", owner: "ann" })).toEqual([full]);
  expect(await found(h, { errorText: "%", status: "failed" })).toEqual([]);
});

test("the slowest jobs come first: by the time until their end, or since they took their status", async ({ h }) => {
  const { telltale, scripts, clock } = h;
  const ids: string[] = [];
  for (const ms of [50, 3_000, 200]) {
    ids.push((await telltale.resize.submit({ width: 1 })).id);
    const lease = await claimOne(scripts);
    clock.advance(ms);
    await scripts.complete({ ...lease, output: OUTPUT, pending: null });
  }
  const { id: waiting } = await telltale.resize.submit({ width: 1 });
  clock.advance(1_000);

  const { jobs, seen } = await telltale.resize.list({ sort: "slowest", limit: 3 }).page();

  expect(jobs.map(({ id, tookMs }) => [id, tookMs])).toEqual([
    [ids[1], 3_000],
    [waiting, 1_000],
    [ids[2], 200],
  ]);
  expect(seen).toBe(4);
});

test.for<[string, object]>([
  ["an invalid time", { endedFrom: new Date("no") }],
  ["a time as a text", { submittedFrom: "12:00" }],
  ["a range that ends before it begins", { endedFrom: new Date(2), endedTo: new Date(1) }],
  ["a range of submits that ends before it begins", { submittedFrom: new Date(2), submittedTo: new Date(1) }],
  ["an unknown status", { status: ["failed", "broken"] }],
  ["no status at all", { status: [] }],
  ["an id prefix with wildcard characters", { idPrefix: "resize_*" }],
  ["a tag prefix with wildcard characters", { tagPrefix: "night*" }],
  ["an empty error text", { errorText: "" }],
  ["an error text of 10 KB", { errorText: "x".repeat(10_000) }],
  ["no attempt", { minAttempts: 0 }],
  ["an unknown order", { sort: "oldest" }],
  ["a misspelt filter", { tags: "a" }],
])("%s is refused", async ([, options], { h }) => {
  const listing = h.telltale.resize.list(options as ListOptions).page();

  await expect(listing).rejects.toMatchObject({ code: "invalid_input" });
});

test("a cursor is refused with any other filter or order", async ({ h }) => {
  for (let i = 0; i < 3; i++) await failed(h, "no");
  const { cursor } = await h.telltale.resize.list({ status: "failed", limit: 1 }).page();
  const withCursor = (options: ListOptions) =>
    h.telltale.resize.list({ status: "failed", limit: 1, cursor: cursor ?? "", ...options }).page();

  expect((await withCursor({ status: ["failed"] })).jobs).toHaveLength(1);
  for (const other of [
    { status: "cancelled" },
    { tagPrefix: "a" },
    { idPrefix: "resize" },
    { minAttempts: 1 },
    { errorText: "no" },
    { endedTo: new Date(h.clock.now()) },
    { submittedFrom: new Date(0) },
    { sort: "slowest" },
  ] satisfies ListOptions[]) {
    await expect(withCursor(other)).rejects.toBeInstanceOf(TelltaleError);
  }
});
