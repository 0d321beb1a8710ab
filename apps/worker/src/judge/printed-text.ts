/** How much text one test may print, in bytes of UTF-8. */
export const PRINTED_MAX_BYTES = 64 * 1024;

/** Marks where text was cut. */
export const TRUNCATED_MARK = "\n[output truncated]\n";

const MESSAGE_BYTES = 4 * 1024;
const MESSAGE_EVERY_MS = 50;

/** Collects what a test prints and sends it in batches, so that many small lines become few messages. */
export class PrintedText {
  readonly #send: (text: string) => void;
  #pending = "";
  #pendingBytes = 0;
  #roomBytes = PRINTED_MAX_BYTES;
  #sentAt = 0;

  constructor(send: (text: string) => void) {
    this.#send = send;
  }

  /** Whether the limit is reached. Text added after that is dropped. */
  get isFull(): boolean {
    return this.#roomBytes === 0;
  }

  add(text: string): void {
    if (this.isFull) return;
    const bytes = Buffer.from(text);
    if (bytes.length >= this.#roomBytes) {
      // A character cut in half decodes to U+FFFD, which is dropped with the rest.
      const kept = bytes
        .subarray(0, this.#roomBytes)
        .toString()
        .replace(/\uFFFD$/u, "");
      this.#pending += kept + TRUNCATED_MARK;
      this.#roomBytes = 0;
      this.flush();
      return;
    }
    this.#pending += text;
    this.#pendingBytes += bytes.length;
    this.#roomBytes -= bytes.length;
    if (this.#pendingBytes >= MESSAGE_BYTES) this.flush();
    else this.flushIfDue();
  }

  /** The interpreter's interrupt handler calls it too, so text is sent soon even if the program then only computes. */
  flushIfDue(): void {
    if (this.#pending !== "" && performance.now() - this.#sentAt >= MESSAGE_EVERY_MS) this.flush();
  }

  flush(): void {
    if (this.#pending === "") return;
    this.#send(this.#pending);
    this.#pending = "";
    this.#pendingBytes = 0;
    this.#sentAt = performance.now();
  }
}
