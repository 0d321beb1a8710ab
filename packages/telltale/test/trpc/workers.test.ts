import { handle } from "telltale";
import { createWorker } from "telltale/worker";
import { expect, onTestFinished } from "vitest";
import { all, ann, callerFor, echo, type Harness, refusal, root, test } from "./harness.js";

/** Every procedure for workers. */
const CALLS = {
  list: (h: Harness, who: Parameters<Harness["as"]>[0]) => h.as(who).workers.list(),
  drain: (h: Harness, who: Parameters<Harness["as"]>[0]) => h.as(who).workers.drain({ name: "web" }),
  onChange: (h: Harness, who: Parameters<Harness["as"]>[0]) => all(h.as(who).workers.onChange({})),
};

/** Starts a worker, and waits until it is in the registry. */
async function work({ telltale }: Harness, name: string): Promise<string> {
  const handlers = [handle(echo, async ({ input: { text } }) => ({ text, at: new Date(0) }))];
  const worker = createWorker({ telltale, handlers, name, graceMs: 0, logger: false });
  onTestFinished(() => worker.stop());
  await expect.poll(() => worker.liveness.lastBeatAt, { timeout: 10_000 }).not.toBeNull();
  return worker.id;
}

test.for(Object.entries(CALLS))("workers.%s is for operators only", async ([, call], { h }) => {
  await work(h, "web");

  expect(await refusal(call(h, null))).toMatchObject({ code: "UNAUTHORIZED", cause: "unauthorized" });
  expect(await refusal(call(h, ann))).toMatchObject({ code: "FORBIDDEN", cause: "forbidden" });
  expect((await h.telltale.$workers.list()).workers).toMatchObject([{ draining: false }]);
  expect(h.telltale.$engine.workersWatch.watchers).toBe(0);
});

test.for(Object.entries(CALLS))("workers.%s is not for who may operate on some kinds only", async ([, call], { h }) => {
  const as = callerFor(h.telltale, {
    authorize: ({ action, kind }) => action === "operate" && kind === "echo",
  });

  expect(await refusal(call({ ...h, as }, root))).toMatchObject({ cause: "forbidden" });
});

test("an operator sees the workers, and drains those of a name", async ({ h }) => {
  const id = await work(h, "web");

  expect(await h.as(root).workers.list()).toMatchObject({ total: 1, workers: [{ name: "web", id, queues: ["echo"] }] });
  expect(await h.as(root).workers.drain({ name: "web" })).toEqual({ name: "web", asked: 1 });
  expect(await h.as(root).workers.drain({ name: "web" })).toEqual({ name: "web", asked: 1 });
  expect((await h.as(root).workers.list()).workers).toMatchObject([{ id, draining: true }]);
  expect(await refusal(h.as(root).workers.drain({ name: "web-2" }))).toMatchObject({
    code: "NOT_FOUND",
    cause: "not_found",
    message: expect.stringContaining('"web-2"'),
  });
});

test.for([
  { name: "x".repeat(10_240) },
  { name: "" },
  { name: "a b" },
  { name: "web\n" },
  { name: 5 },
  { name: "web", id: "a" },
  {},
  undefined,
])("draining %o is refused as invalid input", async (input, { h }) => {
  // @ts-expect-error untyped clients can send this
  const refused = await refusal(h.as(root).workers.drain(input));

  expect(refused).toMatchObject({ code: "BAD_REQUEST", cause: "invalid_input" });
  expect(refused.message.length).toBeLessThan(300);
});

test("a watcher of workers gets them with a position to resume from, and leaves nothing behind", async ({ h }) => {
  const leaving = new AbortController();
  const watch = (await h.as(root, leaving.signal).workers.onChange({}))[Symbol.asyncIterator]();
  // Without a transport, tRPC returns the tracked envelope, a tuple.
  const [position, first] = (await watch.next()).value as unknown as [string, unknown];
  const parked = watch.next();
  await work(h, "web");
  const [next, changed] = (await parked).value as unknown as [string, unknown];

  expect(first).toMatchObject({ total: 0, workers: [] });
  expect(changed).toMatchObject({ total: 1, workers: [{ name: "web" }] });
  expect(next).not.toBe(position);
  const resumed = (await h.as(root, leaving.signal).workers.onChange({ lastEventId: next }))[Symbol.asyncIterator]();
  const quiet = resumed.next();
  const last = watch.next();
  leaving.abort();
  expect([(await last).done, (await quiet).done]).toEqual([true, true]);
  expect(h.telltale.$engine.workersWatch.watchers).toBe(0);
});
