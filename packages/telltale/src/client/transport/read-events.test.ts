import fc from "fast-check";
import { expect, test } from "vitest";
import { readEvents, type StreamEvent } from "./read-events.js";

/** Streams the text in chunks of these sizes, which are repeated as needed. */
function streamOf(text: string, sizes: readonly number[] = [1_000]): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  return new ReadableStream({
    start(controller) {
      for (let at = 0, i = 0; at < bytes.length; i++) {
        const size = sizes[i % sizes.length] ?? 1;
        controller.enqueue(bytes.slice(at, at + size));
        at += size;
      }
      controller.close();
    },
  });
}

async function read(stream: ReadableStream<Uint8Array>): Promise<StreamEvent[]> {
  const events: StreamEvent[] = [];
  for await (const event of readEvents(stream)) events.push(event);
  return events;
}

test("events are read as they were written, with any chunk boundaries and any line endings", async () => {
  const word = fc.string({ unit: "grapheme" }).map((text) => text.replace(/[\r\n\0]/g, ""));
  const written = fc.record({ type: word, data: fc.array(word, { minLength: 1 }), id: word });
  const sizes = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 });

  await fc.assert(
    fc.asyncProperty(fc.array(written), fc.constantFrom("\n", "\r\n", "\r"), sizes, async (events, end, cuts) => {
      const text = events.map(({ type, data, id }) =>
        [`event: ${type}`, `id: ${id}`, ": a comment", ...data.map((line) => `data: ${line}`), "", ""].join(end),
      );

      // With CR line endings, one more character shows that the last CR was not half of a CRLF.
      const found = await read(streamOf(`${text.join("")}:`, cuts));

      expect(found).toEqual(
        events.map(({ type, data, id }) => ({ type: type || "message", data: data.join("\n"), id })),
      );
    }),
  );
});

test("events without data and incomplete events are dropped, but not events with empty data", async () => {
  expect(await read(streamOf("event: ping\n\nevent: ping\ndata\n\ndata:x\n\ndata: lost"))).toEqual([
    { type: "ping", data: "", id: "" },
    { type: "message", data: "x", id: "" },
  ]);
});

test("an id only applies to its own event, and one space after the colon is not part of the value", async () => {
  expect(await read(streamOf("id: 7\ndata:  a\n\ndata: b\nretry: 5\n\n"))).toEqual([
    { type: "message", data: " a", id: "7" },
    { type: "message", data: "b", id: "" },
  ]);
});

test("a byte order mark is not part of the first line", async () => {
  expect(await read(streamOf("\ufeffdata: a\n\n"))).toEqual([{ type: "message", data: "a", id: "" }]);
});
