import type { Worker } from "node:worker_threads";
import { failed } from "./failed.js";
import type { Ended, TestRequest, ThreadReport } from "./protocol.js";
import type { ThreadPool } from "./thread-pool.js";

interface SessionOptions {
  readonly pool: Pick<ThreadPool, "take" | "giveBack" | "discard">;
  readonly onPrinted: (text: string) => void;
  readonly signal: AbortSignal;
}

/** One submission's hold on a thread, which goes back to the pool on dispose if it is still fit for use. */
export class SandboxSession implements Disposable {
  readonly #pool: SessionOptions["pool"];
  readonly #thread: Worker;
  readonly #signal: AbortSignal;
  readonly #onPrinted: (text: string) => void;
  #isSpoiled: boolean = false;

  private constructor(thread: Worker, { pool, onPrinted, signal }: SessionOptions) {
    this.#pool = pool;
    this.#thread = thread;
    this.#signal = signal;
    this.#onPrinted = onPrinted;
  }

  static async open(options: SessionOptions): Promise<SandboxSession> {
    return new SandboxSession(await options.pool.take(options.signal), options);
  }

  /**
   * Runs one test, and gives the thread up at twice the time limit: native calls (sort, repeat, BigInt) do not hear the
   * interrupt. Rejects with the signal's reason when that aborts, and when the thread died before it began the test.
   */
  async run(request: TestRequest): Promise<Ended> {
    this.#signal.throwIfAborted();
    // Until the thread has said otherwise.
    this.#isSpoiled = true;
    const ended = await this.#converse(request);
    this.#isSpoiled = ended.isThreadSpoiled;
    return ended;
  }

  [Symbol.dispose](): void {
    if (this.#isSpoiled) this.#pool.discard(this.#thread);
    else this.#pool.giveBack(this.#thread);
  }

  #converse(request: TestRequest): Promise<Ended> {
    const thread = this.#thread;
    const signal = this.#signal;
    return new Promise((resolve, reject) => {
      let killTimer: NodeJS.Timeout | undefined;
      const stop = (): void => {
        clearTimeout(killTimer);
        thread.off("message", onReport).off("error", onCrash).off("exit", onExit);
        signal.removeEventListener("abort", onAbort);
      };
      const end = (ended: Ended): void => {
        stop();
        resolve(ended);
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
      // A thread that dies before the program began is our fault; one that dies later is the program's.
      const onCrash = (error: unknown): void => (killTimer ? end(crashed(error)) : giveUp(error));
      const onExit = (code: number): void => onCrash(new Error(`The sandbox thread exited with code ${code}`));
      const onAbort = (): void => giveUp(signal.reason);
      thread.on("message", onReport).on("error", onCrash).on("exit", onExit);
      signal.addEventListener("abort", onAbort);
      thread.postMessage(request);
    });
  }
}

function overran({ timeMs }: TestRequest): Ended {
  return { outcome: failed("time_limit", `Took longer than ${timeMs} ms`), ms: 2 * timeMs, isThreadSpoiled: true };
}

/** A thread whose own heap was full says so with this code. */
function crashed(error: unknown): Ended {
  const isMemory = error instanceof Error && "code" in error && error.code === "ERR_WORKER_OUT_OF_MEMORY";
  const outcome = isMemory
    ? failed("memory_limit", "Needed more memory than there is")
    : failed("runtime_error", "The sandbox crashed");
  return { outcome, ms: 0, isThreadSpoiled: true };
}
