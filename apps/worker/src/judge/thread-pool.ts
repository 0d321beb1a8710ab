import { fileURLToPath } from "node:url";
import { MessageChannel, type MessagePort } from "node:worker_threads";
import { Piscina } from "piscina";
import type { TakenReport } from "./protocol.js";

/**
 * Large enough that QuickJS exhausts its own stack first. With Node's default of 4 MB, the thread's stack overflowed
 * first.
 */
const STACK_MB = 32;

/**
 * Threads do not inherit this process's loaders. When it runs from sources, the judge starts a bundle of `thread.ts`.
 */
const THREAD = fileURLToPath(
  new URL(import.meta.url.endsWith(".ts") ? "./thread.generated.mjs" : "./thread.js", import.meta.url),
);

/** A thread that one run holds. Exactly one of `giveBack` and `discard` must be called. */
export interface HeldThread {
  /** Connects to the thread's handler. It closes when the thread dies, after delivering all messages of the thread. */
  readonly port: MessagePort;
  /** Resolves with the error that ended the thread or its handler, or with undefined after `giveBack`. */
  readonly ended: Promise<unknown>;
  /** Resolves when the thread is available again. */
  giveBack(): Promise<void>;
  /** Terminates the thread at once and replaces it. Resolves when it is gone. */
  discard(): Promise<void>;
}

/**
 * Threads for submissions, first come, first served: a Piscina pool with one task per run.
 *
 * No task uses Piscina's abort signals, because they caused three problems (in 5.3.2). Abortable tasks are not queued
 * in order, so one can wait for as long as others keep coming (piscinajs/piscina#1031, #899). Aborting a task whose
 * thread is still starting counts as a failed start; crashed threads are then not replaced, and waiting runs hang. A
 * thread that is still dying when destroy() resolves is replaced, so a closed pool has threads. Instead, a run that
 * must end has its thread terminated, and a run that is still waiting for a thread closes its port.
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
      // Keeps the event loop of an idle thread running, so that it finishes closing the port of the last run.
      atomics: "disabled",
      recordTiming: false,
      // A program that breaks out of the interpreter must find nothing of this process.
      env: {},
      argv: [],
      execArgv: [],
      // The heap of the thread itself, which holds one source, one answer and the text of one test. A submission's
      // memory is WebAssembly memory and has its own limit.
      resourceLimits: { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 16, stackSizeMb: STACK_MB },
    });
    // A thread died that no run held. If runs are waiting, it failed to start, and they must not wait for another.
    this.#pool.on("error", (error: unknown) => {
      for (const giveUp of this.#waiting) giveUp(error);
    });
  }

  /** Waits for a thread. Rejects with the signal's reason on abort, and if the thread fails to start. */
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
        // Not if the thread is held: closing the port would lose its last messages.
        if (!this.#waiting.has(giveUp)) return;
        stop();
        port.close();
        reject(reason);
      };
      const onAbort = (): void => giveUp(signal.reason);
      const onTaken = ({ threadId }: TakenReport): void => {
        const thread = this.#pool.threads.find((each) => each.threadId === threadId);
        // It is gone already; `ended` says why.
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

  /** Ends every thread and waits until they are gone. No run may hold a thread or wait for one. */
  async close(): Promise<void> {
    await this.#pool.destroy();
  }

  /** Piscina replaces threads itself, unless a thread has ever failed to start. Then it needs a task to start one. */
  #replace(): void {
    if (this.#pool.threads.length < this.#pool.maxThreads) void this.#pool.run(null).catch(() => {});
  }
}
