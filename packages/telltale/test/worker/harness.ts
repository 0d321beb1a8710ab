import { randomUUID } from "node:crypto";
import { connect } from "node:net";
import type { Handler, Logger } from "telltale";
import { createTelltale, type RedisSource, type Telltale } from "telltale/server";
import { createWorker, type Worker, type WorkerOptions } from "telltale/worker";
import { onTestFinished } from "vitest";
import { jobs } from "./contracts.js";

/** A line that was logged. */
export interface Logged {
  readonly level: string;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** A fresh prefix on a server, and workers on it. */
export interface Harness {
  readonly prefix: string;
  readonly telltale: Telltale<typeof jobs>;
  readonly logged: Logged[];
  /** Starts a worker that is stopped when the test ends, without a grace period for handlers. */
  work(handlers: readonly Handler[], options?: Partial<WorkerOptions>): Worker;
}

export function harness(redis: RedisSource, prefix = `t${randomUUID().slice(0, 8)}`): Harness {
  const logged: Logged[] = [];
  const telltale = createTelltale({ jobs, redis, prefix, logger: false });
  onTestFinished(() => telltale[Symbol.asyncDispose]());
  return {
    prefix,
    telltale,
    logged,
    work: (handlers, options = {}) => {
      const logger = memoryLogger(logged);
      const worker = createWorker({ telltale, handlers, leaseMs: 3_000, pollMs: 50, graceMs: 0, logger, ...options });
      onTestFinished(() => worker.stop());
      return worker;
    },
  };
}

export function memoryLogger(logged: Logged[]): Logger {
  const at = (level: string) => (data: Readonly<Record<string, unknown>>, message: string) => {
    logged.push({ level, message, data });
  };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/** A promise that the caller settles. */
export interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
}

export function deferred<T = void>(): Deferred<T> {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

/** Rejects with the reason when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

/** Keeps the event loop of this process busy. */
export function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

/** Sends a command directly to Redis, and resolves with its reply. */
export async function tellRedis(socketPath: string, command: string): Promise<void> {
  const socket = connect(socketPath);
  socket.write(`${command}\r\n`);
  await new Promise((resolve) => socket.once("data", resolve));
  socket.destroy();
}
