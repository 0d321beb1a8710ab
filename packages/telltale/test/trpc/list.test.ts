import type { JobPage } from "telltale";
import type { Subject } from "telltale/trpc";
import { expect } from "vitest";
import type { ListInput } from "../../src/core/wire/wire.js";
import { ann, bob, callerFor, type Harness, refusal, root, test } from "./harness.js";

/** Submits three jobs of ann and three of bob in turns, and one of the server. */
async function jobsOfAllOwners(h: Harness): Promise<Record<"ann" | "bob" | "server", string[]>> {
  const ids: Record<"ann" | "bob" | "server", string[]> = { ann: [], bob: [], server: [] };
  for (let i = 0; i < 3; i++) {
    for (const [name, who] of [
      ["ann", ann],
      ["bob", bob],
    ] as const) {
      const options = { tags: ["shared"] };
      ids[name].unshift((await h.as(who).submit({ kind: "echo", input: { text: "a" }, options })).id);
    }
  }
  ids.server.push((await h.telltale.sweep.submit({})).id);
  return ids;
}

async function walk(h: Harness, who: Subject, input: ListInput): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | null | undefined;
  while (cursor !== null) {
    const page: JobPage = await h.as(who).list({ ...input, ...(cursor === undefined ? {} : { cursor }) });
    ids.push(...page.jobs.map(({ id }) => id));
    cursor = page.cursor;
  }
  return ids;
}

const sorted = (ids: readonly string[]): string[] => [...ids].sort();

test("users list their own jobs, operators the jobs of all owners", async ({ h }) => {
  const ids = await jobsOfAllOwners(h);

  expect(sorted(await walk(h, ann, {}))).toEqual(sorted(ids.ann));
  expect(sorted(await walk(h, root, { limit: 2 }))).toEqual(sorted([...ids.ann, ...ids.bob, ...ids.server]));
  expect(sorted(await walk(h, root, { owner: "bob" }))).toEqual(sorted(ids.bob));
  expect(await walk(h, root, { kind: "sweep" })).toEqual(ids.server);
  expect(sorted((await h.as(ann).list({})).jobs.map(({ id }) => id))).toEqual(sorted(ids.ann));
});

test.for<[ListInput]>([
  [{}],
  [{ limit: 1 }],
  [{ kind: "echo" }],
  [{ queue: "echo" }],
  [{ kind: "sweep" }],
  [{ status: "queued" }],
  [{ status: "failed" }],
  [{ status: "cancelled" }],
  [{ status: "completed" }],
  [{ status: "running" }],
  [{ tag: "shared" }],
  [{ tag: "shared", status: "failed" }],
  [{ code: "handler_error" }],
  [{ from: new Date(0), to: new Date(9e12) }],
  [{ owner: "ann" }],
])("a user never lists another user's job: %o", async ([filter], { h }) => {
  const broken = await h.as(bob).submit({ kind: "echo", input: { text: "a" }, options: { tags: ["shared"] } });
  await h.breakDown(broken.id, "secret");
  const ids = await jobsOfAllOwners(h);
  await h.as(bob).cancel({ id: ids.bob[1] ?? "" });
  const seen = await walk(h, ann, filter);

  expect(ids.ann).toEqual(expect.arrayContaining(seen));
});

test("a caller without a login cannot list jobs, and a user cannot list those of another owner", async ({ h }) => {
  await jobsOfAllOwners(h);

  expect(await refusal(h.as(null).list({}))).toMatchObject({ code: "UNAUTHORIZED", cause: "unauthorized" });
  expect(await refusal(h.as(null).list({ owner: "ann" }))).toMatchObject({ cause: "unauthorized" });
  expect(await refusal(h.as(ann).list({ owner: "bob" }))).toMatchObject({ code: "FORBIDDEN", cause: "forbidden" });
});

test("a cursor does not give access to another user's list", async ({ h }) => {
  await jobsOfAllOwners(h);
  const mine = await h.as(ann).list({ limit: 1 });
  const all = await h.as(root).list({ limit: 1 });

  for (const { cursor } of [mine, all]) {
    expect(cursor).toBeTypeOf("string");
    expect(await refusal(h.as(bob).list({ cursor: cursor ?? "" }))).toMatchObject({
      code: "BAD_REQUEST",
      cause: "invalid_input",
    });
  }
});

test("only operators see the owner of a listed job and the original message of its error", async ({ h }) => {
  const { id } = await h.as(ann).submit({ kind: "echo", input: { text: "a" } });
  await h.breakDown(id, "password=hunter2");

  const [mine] = (await h.as(ann).list({ status: "failed" })).jobs;
  const [forOperator] = (await h.as(root).list({ status: "failed" })).jobs;

  expect(mine).toMatchObject({ id, error: { code: "handler_error", message: "The handler failed." } });
  expect(mine).not.toHaveProperty("owner");
  expect(forOperator).toMatchObject({
    id,
    owner: "ann",
    error: { code: "handler_error", message: "password=hunter2" },
  });
});

test("only operators search error messages, because owners do not see them", async ({ h }) => {
  const { id } = await h.as(ann).submit({ kind: "echo", input: { text: "a" } });
  await h.breakDown(id, "password=hunter2");

  expect(await refusal(h.as(ann).list({ errorText: "hunter2" }))).toMatchObject({ cause: "forbidden" });
  expect((await h.as(root).list({ errorText: "hunter2" })).jobs).toMatchObject([{ id }]);
});

test("jobs that a custom authorize function hides are not listed", async ({ h }) => {
  const as = callerFor(h.telltale, { authorize: ({ kind, subject }) => kind === "sweep" || subject?.id === "ann" });
  await jobsOfAllOwners(h);

  expect((await as(root).list({})).jobs.map(({ kind }) => kind)).toEqual(["sweep"]);
  expect((await as(ann).list({})).jobs).toHaveLength(3);
  expect(await as(bob).list({})).toMatchObject({ jobs: [], cursor: null });
});

test.for([
  { limit: -1 },
  { limit: 0 },
  { limit: 51 },
  { limit: 1e9 },
  { limit: Number.NaN },
  { limit: "1" },
  { cursor: "garbage" },
  { cursor: "__proto__" },
  { cursor: "" },
  { cursor: 5 },
  { cursor: "A".repeat(20_000) },
  { status: "__proto__" },
  { kind: "echo", queue: "echo" },
  { kind: 5 },
  { queue: "no such" },
  { queue: "nothing" },
  { tag: "a b" },
  { code: "' or 1" },
  { from: "yesterday" },
  { from: new Date(Number.NaN) },
  { to: new Date(8.64e15) },
  { limit: 1, extra: true },
  [],
  "x",
])("a list of %o is refused as invalid input", async (input, { h }) => {
  // @ts-expect-error untyped clients can send this
  expect(await refusal(h.as(root).list(input))).toMatchObject({ code: "BAD_REQUEST", cause: "invalid_input" });
});

test.for(["nothing", "__proto__", "constructor"])(
  "a list of the unknown kind %s is refused with unknown_kind",
  async (kind, { h }) => {
    expect(await refusal(h.as(root).list({ kind }))).toMatchObject({ code: "BAD_REQUEST", cause: "unknown_kind" });
  },
);

test("get returns details that events lack, and the original messages of errors to operators only", async ({ h }) => {
  const { id, token } = await h.as(ann).submit({ kind: "echo", input: { text: "a" }, options: { tags: ["t"] } });
  await h.breakDown(id, "password=hunter2");
  await h.as(root).rerun({ id });

  const mine = await h.as(ann).get({ id });
  expect(mine).toMatchObject({
    status: "queued",
    round: 2,
    createdAt: expect.any(Number),
    tags: ["t"],
    priority: "normal",
    attempts: 3,
    errors: [{ round: 1, attempt: 1, at: expect.any(Number), code: "handler_error", message: "The handler failed." }],
  });
  const { input, ...withoutInput } = mine;
  expect(input).toEqual({ text: "a" });
  // A token is a right to watch the job, and its input may say more.
  expect(await h.as(null).get({ id, token })).toEqual(withoutInput);
  const told = { message: "password=hunter2" };
  expect(await h.as(root).get({ id })).toMatchObject({
    errors: [told],
    story: [{ error: told }],
    input: { text: "a" },
  });
});

test("get returns when a scheduled job is due", async ({ h }) => {
  const runAt = new Date(Date.now() + 86_400_000);
  const { id } = await h.as(ann).submit({ kind: "echo", input: { text: "a" }, options: { runAt } });

  expect(await h.as(ann).get({ id })).toMatchObject({ status: "scheduled", runAt: runAt.getTime(), errors: [] });
});

test("an operator can rerun many jobs in one call, and gets one outcome for each", async ({ h }) => {
  const ids: string[] = [];
  for (let i = 0; i < 3; i++) ids.push((await h.as(ann).submit({ kind: "echo", input: { text: "a" } })).id);
  const [done = "", broken = "", waiting = ""] = ids;
  await h.finish(done);
  await h.breakDown(broken, "x");
  const missing = `echo_${"0".repeat(32)}`;

  // `waiting` was claimed by `finish` and is still running.
  const answers = await h.as(root).rerun({ ids: [done, missing, broken, waiting] });

  expect(answers).toMatchObject([
    { id: done, status: "queued" },
    { id: missing, error: { code: "not_found" } },
    { id: broken, status: "queued" },
    { id: waiting, error: { code: "invalid_input" } },
  ]);
});

test("a user who is not an operator cannot rerun jobs, and cannot tell others' jobs from missing ones", async ({
  h,
}) => {
  const mine = (await h.as(ann).submit({ kind: "echo", input: { text: "a" } })).id;
  await h.finish(mine);
  const bobs = (await h.as(bob).submit({ kind: "echo", input: { text: "a" } })).id;
  const missing = `echo_${"0".repeat(32)}`;

  expect(await h.as(ann).rerun({ ids: [mine, bobs, missing] })).toMatchObject([
    { id: mine, error: { code: "forbidden" } },
    { id: bobs, error: { code: "not_found" } },
    { id: missing, error: { code: "not_found" } },
  ]);
  expect(await h.as(null).rerun({ ids: [mine] })).toMatchObject([{ error: { code: "unauthorized" } }]);
  expect(await h.telltale.$engine.find.read(mine)).toMatchObject({ round: 1 });
});

test.for([{ ids: [] }, { ids: Array(51).fill(`echo_${"0".repeat(32)}`) }, { ids: ["x"] }, { ids: "x" }, {}])(
  "a rerun of %o is refused as invalid input",
  async (input, { h }) => {
    // @ts-expect-error untyped clients can send this
    expect(await refusal(h.as(root).rerun(input))).toMatchObject({ cause: "invalid_input" });
  },
);
