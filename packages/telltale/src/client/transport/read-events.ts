/** One server-sent event. */
export interface StreamEvent {
  readonly type: string;
  readonly data: string;
  /** The id of this event, or "" if it has none. */
  readonly id: string;
}

const EMPTY = { type: "message", data: null, id: "" } as const;

/**
 * Parses server-sent events as the HTML standard does (https://html.spec.whatwg.org/multipage/server-sent-events.html). An
 * incomplete event at the end of the stream is dropped. `onBytes` is called whenever something arrives.
 */
export async function* readEvents(
  body: ReadableStream<Uint8Array>,
  onBytes: () => void = () => {},
): AsyncGenerator<StreamEvent, void, undefined> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  let event: Omit<StreamEvent, "data"> & { readonly data: string | null } = EMPTY;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    onBytes();
    // A CR at the end of a chunk may be the first half of a CRLF, so it does not end the line yet.
    const lines = (rest + decoder.decode(value, { stream: true })).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line !== "") {
        event = { ...event, ...fieldOf(line, event.data) };
        continue;
      }
      const { data } = event;
      if (data !== null) yield { ...event, data };
      event = EMPTY;
    }
  }
}

// A line that begins with a colon is a comment; its name is empty.
function fieldOf(line: string, data: string | null): Partial<StreamEvent> {
  const [, name, value = ""] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
  if (name === "data") return { data: data === null ? value : `${data}\n${value}` };
  if (name === "event") return { type: value || "message" };
  return name === "id" && !value.includes("\0") ? { id: value } : {};
}
