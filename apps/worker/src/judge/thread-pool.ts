import { Worker } from "node:worker_threads";

/** Enough for QuickJS to notice first that its own stack is used up; with Node's 4 MB the thread noticed first. */
const STACK_MB = 32;

/**
 * Threads for submissions. A thread belongs to one taker at a time and may be discarded in mid-run, which is the only way
 * to stop a native call. A thread that dies at start fails the run that was given it and is not replaced in a loop.
 */
export class ThreadPool {
  readonly #size: number;
  readonly #usable = new Set<Worker>();
  readonly #idle: Worker[] = [];
  readonly #waiting = new Set<(thread: Worker) => void>();
  /** Every thread that has not exited yet, discarded ones too: close waits for all of them. */
  readonly #alive = new Set<Worker>();
  #isClosed: boolean = false;

  constructor(size: number) {
    this.#size = size;
    while (this.#usable.size < size) this.#idle.push(this.#spawn());
  }

  /** Answers a thread, which may still be starting, or waits for one. Rejects with the signal's reason. */
  async take(signal: AbortSignal): Promise<Worker> {
    signal.throwIfAborted();
    const thread = this.#idle.pop() ?? (this.#usable.size < this.#size ? this.#spawn() : await this.#wait(signal));
    thread.ref();
    return thread;
  }

  giveBack(thread: Worker): void {
    if (!this.#usable.has(thread)) return;
    thread.unref();
    this.#hand(thread);
  }

  /** Ends the thread whatever it is doing; another takes its place. */
  discard(thread: Worker): void {
    if (!this.#usable.delete(thread)) return;
    void thread.terminate();
    if (!this.#isClosed) this.#hand(this.#spawn());
  }

  /** Ends every thread and waits until they are gone. Who still waits for one must be told by its signal. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#usable.clear();
    this.#idle.length = 0;
    await Promise.all(Array.from(this.#alive, (thread) => thread.terminate()));
  }

  #wait(signal: AbortSignal): Promise<Worker> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiting.delete(receive);
        reject(signal.reason);
      };
      const receive = (thread: Worker): void => {
        signal.removeEventListener("abort", onAbort);
        resolve(thread);
      };
      this.#waiting.add(receive);
      signal.addEventListener("abort", onAbort, { once: true });
    });
  }

  #hand(thread: Worker): void {
    const [receive] = this.#waiting;
    if (receive === undefined) {
      this.#idle.push(thread);
      return;
    }
    this.#waiting.delete(receive);
    receive(thread);
  }

  #spawn(): Worker {
    const thread = new Worker(new URL("./thread.js", import.meta.url), {
      // Nothing of this process in reach of a program that should break out of the interpreter.
      env: {},
      argv: [],
      execArgv: [],
      // The heap of the thread itself, which holds one source, one answer and one test's text. The memory of a submission
      // is WebAssembly's and has its own limit.
      resourceLimits: { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 16, stackSizeMb: STACK_MB },
    });
    this.#alive.add(thread);
    this.#usable.add(thread);
    thread.unref();
    // Who holds the thread listens too; without this listener an idle thread's death would end the process.
    thread.on("error", () => {});
    thread.once("exit", () => {
      this.#alive.delete(thread);
      if (!this.#usable.delete(thread)) return;
      const at = this.#idle.indexOf(thread);
      if (at >= 0) this.#idle.splice(at, 1);
      if (this.#waiting.size > 0) this.#hand(this.#spawn());
    });
    return thread;
  }
}
