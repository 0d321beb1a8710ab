import { setTimeout as pause } from "node:timers/promises";
import { toTelltaleError } from "../../client/index.js";
import { ERROR_CODES, type JobLogLine, TelltaleError } from "../../core/index.js";
import { onAbort } from "../../core/internal.js";
import { readLogEvent, readLogPage } from "./answers.js";
import type { Connection } from "./connection.js";

/** The options of `logLines`. */
export interface LogLinesOptions {
  /** Whether to wait for further lines until the round ends. */
  readonly follow: boolean;
  /** Ends the iteration when it aborts, without an error. */
  readonly signal: AbortSignal;
  /** How long to wait for a connection after it is lost, before the iteration rejects with `unreachable`, in ms. */
  readonly patienceMs: number;
}

const RETRY_MS = 1_000;
const LINES_PER_CALL = 200;

/** Iterates over the lines of a job's log: the stored ones, and then new ones as they are logged. */
export async function* logLines(
  connection: Connection,
  id: string,
  options: LogLinesOptions,
): AsyncGenerator<JobLogLine, void, undefined> {
  let after: string | undefined;
  for (let hasMore = true; hasMore && !options.signal.aborted; ) {
    const page = readLogPage(await connection.query("logs", { id, after, limit: LINES_PER_CALL }));
    yield* page.lines;
    after = page.position ?? after;
    hasMore = page.hasMore;
  }
  while (options.follow && !options.signal.aborted) {
    const subscription = new LogSubscription(connection, { id, after, ...options });
    try {
      for (let line = await subscription.next(); line; line = await subscription.next()) yield line;
      return;
    } catch (error) {
      if (!(error instanceof TelltaleError) || error.code === "unreachable" || !ERROR_CODES[error.code].retry)
        throw error;
      await pause(RETRY_MS, undefined, { signal: options.signal }).catch(() => {});
    } finally {
      subscription.close();
      after = subscription.position;
    }
  }
}

/** One subscription to a log. tRPC resumes it after a lost connection. */
class LogSubscription {
  readonly #waiting: JobLogLine[] = [];
  readonly #close: () => void;
  #position: string | undefined;
  #isOver = false;
  #error: unknown = null;
  #wake: () => void = () => {};
  #patience: NodeJS.Timeout | undefined;

  constructor(
    connection: Connection,
    {
      id,
      after,
      signal,
      patienceMs,
    }: Omit<LogLinesOptions, "follow"> & { readonly id: string; readonly after: string | undefined },
  ) {
    this.#position = after;
    const waitForConnection = (): void => {
      this.#patience ??= setTimeout(() => {
        this.#end(new TelltaleError("unreachable", `No connection within ${Math.round(patienceMs / 1_000)} s`));
      }, patienceMs);
    };
    waitForConnection();
    const input = { id, ...(after !== undefined && { lastEventId: after }) };
    const opened = connection.subscribe("onLogs", input, {
      onStarted: () => this.#connected(),
      onData: (frame) => this.#take(frame),
      onError: (error) => this.#end(toTelltaleError(error)),
      onComplete: () => this.#end(null),
      onConnectionStateChange: ({ state }) => {
        if (state === "connecting") waitForConnection();
      },
    });
    const forget = onAbort(signal, () => this.#end(null));
    this.#close = () => {
      forget();
      this.#end(null);
      opened.unsubscribe();
    };
  }

  /** The position of the last line that was received. */
  get position(): string | undefined {
    return this.#position;
  }

  /** Returns the next line, or undefined after the last one. */
  async next(): Promise<JobLogLine | undefined> {
    for (;;) {
      const line = this.#waiting.shift();
      if (line) return line;
      if (this.#error !== null) throw this.#error;
      if (this.#isOver) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  close(): void {
    this.#close();
  }

  #take(frame: unknown): void {
    this.#connected();
    try {
      const { id, data } = readLogEvent(frame);
      this.#position = id;
      this.#waiting.push(data);
      this.#wake();
    } catch (error) {
      this.#end(error);
    }
  }

  #connected(): void {
    clearTimeout(this.#patience);
    this.#patience = undefined;
  }

  #end(error: unknown): void {
    this.#connected();
    if (this.#isOver) return;
    this.#isOver = true;
    this.#error = error;
    this.#wake();
  }
}
