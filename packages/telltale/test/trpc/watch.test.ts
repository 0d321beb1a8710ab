import { expect } from "vitest";
import type { Sink } from "../../src/trpc/sink.js";
import { all, ann, refusal, test } from "./harness.js";

test("a watcher gets every transition with its position, then the end", async ({ h }) => {
  const { id } = await h.as(ann).submit({ kind: "echo", input: { text: "a" } });
  await h.finish(id);

  const received = await all(h.as(ann).onStatus({ id }));

  expect(received.map(([position, event]) => [String(position).replace(/^\w+/, ""), event.status])).toEqual([
    [":1.0", "queued"],
    [":2.0", "running"],
    [":3.0", "completed"],
  ]);
  expect(received[2]?.[1]).toMatchObject({ output: { text: "done", at: new Date(0) } });
});

test("a watcher that resumes gets the events it has not seen, and none if it has seen the end", async ({ h }) => {
  const { id } = await h.as(ann).submit({ kind: "echo", input: { text: "a" } });
  await h.finish(id);
  const positions = (await all(h.as(ann).onStatus({ id }))).map(([position]) => String(position));

  const rest = await all(h.as(ann).onStatus({ id, lastEventId: positions[0] ?? "" }));
  const nothing = await all(h.as(ann).onStatus({ id, lastEventId: positions[2] ?? "" }));

  expect(rest.map(([, event]) => event.status)).toEqual(["running", "completed"]);
  expect(nothing).toEqual([]);
});

test.for(["", "x".repeat(64), "-1", "9".repeat(60), "1e9", "__proto__", "zzzzzz:1.0"])(
  "a position that is not one of this job (%s) gets a single snapshot with reset",
  async (lastEventId, { h }) => {
    const { id } = await h.as(ann).submit({ kind: "echo", input: { text: "a" } });
    await h.finish(id);

    const received = await all(h.as(ann).onStatus({ id, lastEventId }));

    expect(received.map(([, event]) => event)).toMatchObject([{ status: "completed", seq: 3, reset: true }]);
  },
);

test("a position that is too long is refused", async ({ h }) => {
  const { id } = await h.as(ann).submit({ kind: "echo", input: { text: "a" } });

  expect(await refusal(all(h.as(ann).onStatus({ id, lastEventId: "x".repeat(65) })))).toMatchObject({
    cause: "invalid_input",
  });
});

test("a watcher of chunks gets them in order, can resume after any of them, and ends with the round", async ({ h }) => {
  const { id } = await h.as(ann).submit({ kind: "echo", input: { text: "a" } });
  await h.finish(id);

  const received = await all(h.as(ann).onChunk({ id }));
  const rest = await all(h.as(ann).onChunk({ id, lastEventId: String(received[0]?.[0]) }));

  expect(received.map(([, chunk]) => chunk)).toMatchObject([
    { n: 1, attempt: 1, data: { line: "one" } },
    { n: 2, attempt: 1, data: { line: "two" } },
  ]);
  expect(rest).toEqual(received.slice(1));
});

test("an aborted watch ends without an error and leaves no watcher behind", async ({ h }) => {
  const leaving = new AbortController();
  const { id } = await h.as(ann).submit({ kind: "echo", input: { text: "a" } });
  const watching = (await h.as(ann, leaving.signal).onStatus({ id }))[Symbol.asyncIterator]();
  await watching.next();
  const parked = watching.next();

  leaving.abort();

  expect((await parked).done).toBe(true);
  expect(h.telltale.$engine.hub.load.watchers).toBe(0);
});

test("a stream waits for room on its socket, and counts towards the socket's limit until it ends", async ({ h }) => {
  const { id } = await h.as(ann).submit({ kind: "echo", input: { text: "a" } });
  await h.finish(id);
  const counted: string[] = [];
  let asked = 0;
  const sink: Sink = {
    transport: "ws",
    address: "127.0.0.1",
    identify: () => {},
    writable: () => asked > 1,
    drained: async () => {
      asked += 1;
    },
    admit: (subjectId) => {
      counted.push(`+${subjectId}`);
      return () => counted.push(`-${subjectId}`);
    },
  };

  const received = await all(h.as(ann, undefined, sink).onStatus({ id }));

  expect(received).toHaveLength(3);
  expect(asked).toBe(2);
  expect(counted).toEqual(["+ann", "-ann"]);
});
