/**
 * A message of a channel. All listeners of a process get the same object, so that a message is parsed once, however many
 * watchers a job has.
 */
export class ChannelMessage {
  readonly text: string;
  #parse: ((text: string) => unknown) | null = null;
  #parsed: unknown;

  constructor(text: string) {
    this.text = text;
  }

  /** Returns what `parse` makes of the text. Listeners that pass the same function share one object. */
  parsedBy<T>(parse: (text: string) => T): T {
    if (this.#parse !== parse) {
      this.#parse = parse;
      this.#parsed = parse(this.text);
    }
    // `#parsed` is from this function.
    return this.#parsed as T;
  }
}
