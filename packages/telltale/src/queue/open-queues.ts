import { type AnyJob, type Jobs, kindOfJobId, TelltaleError } from "../core/index.js";
import type { QueueKeys } from "./redis/keys.js";
import type { QueueScripts } from "./scripts/queue-scripts.js";
import type { Submitter } from "./submit/submitter.js";

/** One queue over this process's connections. */
export interface OpenQueue {
  readonly keys: QueueKeys;
  readonly scripts: QueueScripts;
  readonly submitter: Submitter;
}

/** The queues that the contracts of one application use: found by name, or by a job's id. */
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

  /** Whether there is a contract of this kind. */
  isKnown(kind: string): boolean {
    return Object.hasOwn(this.#jobs, kind);
  }

  /** The contract of a kind. Throws `unknown_kind`. */
  contract(kind: string): AnyJob {
    const job = this.isKnown(kind) ? this.#jobs[kind] : undefined;
    if (!job) throw new TelltaleError("unknown_kind", `There is no contract of kind ${told(kind, 64)}`);
    return job;
  }

  /** The queue of this name. Throws `invalid_config`: our own code asks for no other. */
  of(queue: string): OpenQueue {
    const found = this.#byName.get(queue);
    if (!found) throw new TelltaleError("invalid_config", `No contract uses the queue ${JSON.stringify(queue)}`);
    return found;
  }

  /** As `of`, for a name that a caller gave. Throws `invalid_input`. */
  asNamed(queue: string): OpenQueue {
    const found = this.#byName.get(queue);
    if (!found) throw new TelltaleError("invalid_input", `No contract uses the queue ${JSON.stringify(queue)}`);
    return found;
  }

  /** The queue of a job, or null for what is no id of a known kind. */
  find(id: string): OpenQueue | null {
    const kind = kindOfJobId(id);
    return kind !== null && this.isKnown(kind) ? this.of(this.contract(kind).queue) : null;
  }

  /** The queue of a job. Throws `not_found`. */
  ofJob(id: string): OpenQueue {
    const found = this.find(id);
    if (!found) throw noJob(id);
    return found;
  }
}

/** What to tell somebody who asks for a job that does not exist. */
export function noJob(id: string): TelltaleError {
  return new TelltaleError("not_found", `There is no job ${told(id, 100)}`);
}

/** What a caller named, as a message quotes it. In process nobody has looked yet whether it is text at all. */
export function told(name: string, length: number): string {
  return JSON.stringify(String(name).slice(0, length));
}
