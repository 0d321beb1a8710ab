import { fileURLToPath } from "node:url";
import { MessageChannel, type MessagePort } from "node:worker_threads";
import { Piscina } from "piscina";
import type { TakenReport } from "./protocol.js";

/** Enough for QuickJS to notice first that its own stack is used up; with Node's 4 MB the thread noticed first. */
const STACK_MB = 32;

/** Threads get none of this process's loaders: run from its sources, the judge starts a bundle of `thread.ts`. */
const THREAD = fileURLToPath(
  new URL(import.meta.url.endsWith(".ts") ? "./thread.generated.mjs" : "./thread.js", import.meta.url),
);

/** A thread while one run has it. Exactly one of `giveBack` and `discard` must be called. */
export interface HeldThread {
  /** To the thread's handler. It closes when the thread dies, after everything that thread had said. */
  readonly port: MessagePort;
  /** Answers why the thread died or its handler threw; only after `giveBack` is there nothing to answer. */
  readonly ended: Promise<unknown>;
  /** Resolves when the thread is there for others. */
  giveBack(): Promise<void>;
  /** Ends the thread whatever it is doing; another takes its place. Resolves when it is gone. */
  discard(): Promise<void>;
}

/**
 * Threads for submissions, first come, first served: a Piscina pool, one task per run.
 *
 * No task has one of Piscina's abort signals, because of what they did when tried (5.3.2). Abortable tasks wait out of
 * order, the unlucky for as long as others keep coming (piscinajs/piscina#1031, #899). Aborting one whose thread is still
 * booting counts as a failed boot, after which crashed threads are not replaced and those who wait hang. And a thread
 * which is still dying when destroy() is done gets replaced, so a closed pool has threads. Hence a run that must end has
 * its thread terminated, once it has one, and one that waits only leaves its port closed behind it.
 */
export class ThreadPool {
  readonly #pool: Piscina<MessagePort | null, void>;
  readonly #waiting = new Set<(reason: unknown) => void>();

  constructor(size: number, filename: string = THREAD) {
    this.#pool = new Piscina({
      filename,
      minThreads: size,
      maxThreads: size,
      stricterFIFO: true,
      // An idle thread goes on turning its event loop, which finishes closing the last run's port.
      atomics: "disabled",
      recordTiming: false,
      // Nothing of this process in reach of a program that should break out of the interpreter.
      env: {},
      argv: [],
      execArgv: [],
      // The heap of the thread itself, which holds one source, one answer and one test's text. The memory of a submission
      // is WebAssembly's and has its own limit.
      resourceLimits: { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 16, stackSizeMb: STACK_MB },
    });
    // A thread died that no run had. While runs wait it is one that could not start, and is not tried again for them.
    this.#pool.on("error", (error: unknown) => {
      for (const giveUp of this.#waiting) giveUp(error);
    });
  }

  /** Waits for a thread. Rejects with the signal's reason, and when the thread died at start. */
  async take(signal: AbortSignal): Promise<HeldThread> {
    signal.throwIfAborted();
    const { port1: port, port2 } = new MessageChannel();
    const ended = this.#pool.run(port2, { transferList: [port2] }).catch((error: unknown) => error);
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        this.#waiting.delete(giveUp);
        port.off("message", onTaken);
        signal.removeEventListener("abort", onAbort);
      };
      const giveUp = (reason: unknown): void => {
        // Not once the thread is held: closing the port would lose what it said before it died.
        if (!this.#waiting.has(giveUp)) return;
        stop();
        port.close();
        reject(reason);
      };
      const onAbort = (): void => giveUp(signal.reason);
      const onTaken = ({ threadId }: TakenReport): void => {
        const thread = this.#pool.threads.find((each) => each.threadId === threadId);
        // Gone already; `ended` says why.
        if (thread === undefined) return;
        stop();
        const giveBack = async (): Promise<void> => {
          port.close();
          await ended;
        };
        const discard = async (): Promise<void> => {
          port.close();
          await thread.terminate();
          this.#replace();
        };
        resolve({ port, ended, giveBack, discard });
      };
      this.#waiting.add(giveUp);
      port.on("message", onTaken);
      signal.addEventListener("abort", onAbort, { once: true });
      void ended.then(giveUp);
    });
  }

  /** Ends every thread and waits until they are gone. No run may hold or wait for one any more. */
  async close(): Promise<void> {
    await this.#pool.destroy();
  }

  /** Piscina has done so itself, but not after any thread ever failed to start; then it takes a task to make it try. */
  #replace(): void {
    if (this.#pool.threads.length < this.#pool.maxThreads) void this.#pool.run(null).catch(() => {});
  }
}
