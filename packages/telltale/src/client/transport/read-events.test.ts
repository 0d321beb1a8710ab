import fc from "fast-check";
import { expect, test } from "vitest";
import { readEvents, type StreamEvent } from "./read-events.js";

/** Bytes in pieces of these sizes, over and over. */
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

test("what is written comes out, however it is cut into pieces and whatever ends its lines", async () => {
  const word = fc.string({ unit: "grapheme" }).map((text) => text.replace(/[\r\n\0]/g, ""));
  const written = fc.record({ type: word, data: fc.array(word, { minLength: 1 }), id: word });
  const sizes = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 });

  await fc.assert(
    fc.asyncProperty(fc.array(written), fc.constantFrom("\n", "\r\n", "\r"), sizes, async (events, end, cuts) => {
      const text = events.map(({ type, data, id }) =>
        [`event: ${type}`, `id: ${id}`, ": a comment", ...data.map((line) => `data: ${line}`), "", ""].join(end),
      );

      // Where CR ends lines, another character says that the last one was not half of a CRLF.
      const found = await read(streamOf(`${text.join("")}:`, cuts));

      expect(found).toEqual(
        events.map(({ type, data, id }) => ({ type: type || "message", data: data.join("\n"), id })),
      );
    }),
  );
});

test("an event without data is none, one with empty data is one, and one that was cut off is dropped", async () => {
  expect(await read(streamOf("event: ping\n\nevent: ping\ndata\n\ndata:x\n\ndata: lost"))).toEqual([
    { type: "ping", data: "", id: "" },
    { type: "message", data: "x", id: "" },
  ]);
});

test("an id is of its own event alone, and one space after the colon is none of the value", async () => {
  expect(await read(streamOf("id: 7\ndata:  a\n\ndata: b\nretry: 5\n\n"))).toEqual([
    { type: "message", data: " a", id: "7" },
    { type: "message", data: "b", id: "" },
  ]);
});

test("a byte order mark is no part of the first line", async () => {
  expect(await read(streamOf("\ufeffdata: a\n\n"))).toEqual([{ type: "message", data: "a", id: "" }]);
});
