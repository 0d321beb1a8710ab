import { failed } from "./failed.js";
import type { Ended, TestRequest, ThreadReport } from "./protocol.js";
import type { HeldThread, ThreadPool } from "./thread-pool.js";

interface SessionOptions {
  readonly pool: Pick<ThreadPool, "take">;
  readonly onPrinted: (text: string) => void;
  readonly signal: AbortSignal;
}

/** Holds a thread for one submission. On dispose, the thread goes back to the pool if it is still usable. */
export class SandboxSession implements AsyncDisposable {
  readonly #thread: HeldThread;
  readonly #signal: AbortSignal;
  readonly #onPrinted: (text: string) => void;
  #isSpoiled: boolean = false;

  private constructor(thread: HeldThread, { onPrinted, signal }: SessionOptions) {
    this.#thread = thread;
    this.#signal = signal;
    this.#onPrinted = onPrinted;
  }

  static async open(options: SessionOptions): Promise<SandboxSession> {
    return new SandboxSession(await options.pool.take(options.signal), options);
  }

  /**
   * Runs one test. Gives the thread up at twice the time limit, because native calls (sort, repeat, BigInt) cannot be
   * interrupted. Rejects with the signal's reason on abort, and if the thread died before the test started.
   */
  async run(request: TestRequest): Promise<Ended> {
    this.#signal.throwIfAborted();
    // Until the thread reports that it is not.
    this.#isSpoiled = true;
    const ended = await this.#converse(request);
    this.#isSpoiled = ended.isThreadSpoiled;
    return ended;
  }

  /** Resolves when the thread is available again or gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isSpoiled) await this.#thread.discard();
    else await this.#thread.giveBack();
  }

  #converse(request: TestRequest): Promise<Ended> {
    const { port, ended } = this.#thread;
    const signal = this.#signal;
    return new Promise((resolve, reject) => {
      let killTimer: NodeJS.Timeout | undefined;
      const stop = (): void => {
        clearTimeout(killTimer);
        port.off("message", onReport).off("close", onClose);
        signal.removeEventListener("abort", onAbort);
      };
      const end = (how: Ended): void => {
        stop();
        resolve(how);
      };
      const giveUp = (reason: unknown): void => {
        stop();
        reject(reason);
      };
      const onReport = (report: ThreadReport): void => {
        if (report.type === "ended") end(report);
        else if (report.type === "started") killTimer = setTimeout(() => end(overran(request)), 2 * request.timeMs);
        else {
          try {
            this.#onPrinted(report.text);
          } catch (error) {
            giveUp(error);
          }
        }
      };
      // If a thread dies before the program starts, that is our fault. Later, it is the program's.
      const onCrash = (error: unknown): void => (killTimer ? end(crashed(error)) : giveUp(error));
      const onClose = (): void => void ended.then(onCrash);
      const onAbort = (): void => giveUp(signal.reason);
      port.on("message", onReport).on("close", onClose);
      signal.addEventListener("abort", onAbort);
      port.postMessage(request);
    });
  }
}

function overran({ timeMs }: TestRequest): Ended {
  return { outcome: failed("time_limit", `Took longer than ${timeMs} ms`), ms: 2 * timeMs, isThreadSpoiled: true };
}

/** Node reports a thread whose own heap is full with this code. */
function crashed(error: unknown): Ended {
  const isMemory = error instanceof Error && "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY";
  const outcome = isMemory
    ? failed("memory_limit", "Needed more memory than there is")
    : failed("runtime_error", "The sandbox crashed");
  return { outcome, ms: 0, isThreadSpoiled: true };
}
