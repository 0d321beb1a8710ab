import { type AnyJob, type Jobs, kindOfJobId, TelltaleError } from "../core/index.js";
import type { QueueKeys } from "./redis/keys.js";
import type { QueueScripts } from "./scripts/queue-scripts.js";
import type { Submitter } from "./submit/submitter.js";

/** A queue, and what this process uses to access it. */
export interface OpenQueue {
  readonly keys: QueueKeys;
  readonly scripts: QueueScripts;
  readonly submitter: Submitter;
}

/** The queues that an application's contracts use. Finds them by name or by a job's id. */
export class OpenQueues {
  readonly #jobs: Jobs;
  readonly #byName: ReadonlyMap<string, OpenQueue>;

  constructor(jobs: Jobs, open: (queue: string) => OpenQueue) {
    this.#jobs = jobs;
    const names = new Set(Object.values(jobs).map(({ queue }) => queue));
    this.#byName = new Map([...names].map((name) => [name, open(name)]));
  }

  get names(): string[] {
    return [...this.#byName.keys()];
  }

  get all(): OpenQueue[] {
    return [...this.#byName.values()];
  }

  /** Whether there is a contract with this kind. */
  isKnown(kind: string): boolean {
    return Object.hasOwn(this.#jobs, kind);
  }

  /** Returns the contract of a kind. Throws `unknown_kind`. */
  contract(kind: string): AnyJob {
    const job = this.isKnown(kind) ? this.#jobs[kind] : undefined;
    if (!job)
      throw new TelltaleError("unknown_kind", `No contract has the kind ${quoted(kind, 64)}. Check its spelling`);
    return job;
  }

  /** Returns the queue with a name from our own code. Throws `invalid_config` if there is none, which is a bug. */
  of(queue: string): OpenQueue {
    const found = this.#byName.get(queue);
    if (!found) throw new TelltaleError("invalid_config", `No contract uses the queue ${JSON.stringify(queue)}`);
    return found;
  }

  /** Returns the queue with a name from a caller. Throws `invalid_input` if no contract uses it. */
  asNamed(queue: string): OpenQueue {
    const found = this.#byName.get(queue);
    if (!found)
      throw new TelltaleError("invalid_input", `No contract uses the queue ${quoted(queue, 64)}. Check its spelling`);
    return found;
  }

  /** Returns the queue of a job, or null if `id` is not the id of a job with a known kind. */
  find(id: string): OpenQueue | null {
    const kind = kindOfJobId(id);
    return kind !== null && this.isKnown(kind) ? this.of(this.contract(kind).queue) : null;
  }

  /** Returns the queue of a job. Throws `not_found` where `find` returns null. */
  ofJob(id: string): OpenQueue {
    const found = this.find(id);
    if (!found) throw noJob(id);
    return found;
  }
}

/** The error for a job that does not exist. */
export function noJob(id: string): TelltaleError {
  return new TelltaleError("not_found", `Job ${quoted(id, 100)} does not exist`);
}

/** Quotes and shortens a name for a message. Callers without TypeScript may pass values that are not strings. */
export function quoted(name: string, length: number): string {
  return JSON.stringify(String(name).slice(0, length));
}
