import { type AnyJob, hasCode, type Jobs, kindOfJobId, TelltaleError } from "../core/index.js";
import { queuesOfKind } from "../core/internal.js";
import type { QueueNames } from "./queue-names.js";
import type { QueueKeys } from "./redis/keys.js";
import type { QueueScripts } from "./scripts/queue-scripts.js";
import type { Submitter } from "./submit/submitter.js";

/** A queue, and what this process uses to access it. */
export interface OpenQueue {
  readonly keys: QueueKeys;
  readonly scripts: QueueScripts;
  readonly submitter: Submitter;
}

/** The result of a search for a job. */
export interface Search<R> {
  /** Null if there is no such job. */
  readonly found: R | null;
  finish(): Promise<void>;
}

/**
 * The queues of an application: those that its contracts use or used before, and those of other versions of the application, whose
 * names are in Redis. Finds them by name or by a job's id.
 */
export class OpenQueues {
  readonly #jobs: Jobs;
  readonly #open: (queue: string) => OpenQueue;
  readonly #stored: QueueNames;
  readonly #byName: ReadonlyMap<string, OpenQueue>;
  #registered: Promise<void> | null = null;
  /** Queues that no contract of this process names. */
  readonly #others = new Map<string, OpenQueue>();
  /** The names of queues that a newer version of Telltale created. */
  readonly #unreadable = new Set<string>();

  constructor(jobs: Jobs, { open, stored }: Readonly<{ open: (queue: string) => OpenQueue; stored: QueueNames }>) {
    this.#jobs = jobs;
    this.#open = open;
    this.#stored = stored;
    const names = new Set(Object.values(jobs).flatMap(queuesOfKind));
    this.#byName = new Map([...names].map((name) => [name, open(name)]));
  }

  /** The names of the queues that a contract uses or used before. */
  get names(): string[] {
    return [...this.#byName.keys()];
  }

  /** The queues that a contract uses or used before. */
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
    const found = this.#byName.get(queue) ?? this.#others.get(queue);
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

  /** Returns the queues in which jobs of this kind may be, the current one first. Throws `unknown_kind`. */
  ofKind(kind: string): OpenQueue[] {
    return queuesOfKind(this.contract(kind)).map((queue) => this.of(queue));
  }

  /** Stores the names of our queues in Redis, once and in the background. */
  register(): void {
    this.#registered ??= this.#stored.add(this.names).then(
      () => {},
      () => {
        // The next submit tries again.
        this.#registered = null;
      },
    );
  }

  /** Stores the names of our queues in Redis, and returns those that no contract of this process names. */
  async others(): Promise<OpenQueue[]> {
    for (const name of await this.#stored.add(this.names)) {
      if (this.#byName.has(name) || this.#others.has(name)) continue;
      const other = this.#open(name);
      try {
        await other.scripts.open();
      } catch (error) {
        // A newer version of Telltale created it, so this one cannot read it.
        if (hasCode(error, "unsupported_redis")) {
          this.#unreadable.add(name);
          continue;
        }
        throw error;
      }
      this.#others.set(name, other);
    }
    return [...this.#others.values()];
  }

  /**
   * Calls `act` with the queue of a job. If it rejects with `not_found`, calls it again with the queue that has the job, if there is
   * one. Rejects with `not_found` if no contract has the kind.
   */
  async onJob<R>(id: string, act: (queue: OpenQueue) => Promise<R>): Promise<R> {
    const first = await this.likely(id);
    if (!first) throw noJob(id);
    try {
      return await act(first);
    } catch (error) {
      const other = hasCode(error, "not_found") ? await this.elsewhere(id, first) : null;
      if (!other) throw error;
      return act(other);
    }
  }

  /** Like `onJob`, for calls that return null if there is no such job. */
  async read<R>(id: string, read: (scripts: QueueScripts) => Promise<R | null>): Promise<R | null> {
    const first = await this.likely(id);
    const found = first && (await read(first.scripts));
    if (!first || found !== null) return found;
    const other = await this.elsewhere(id, first);
    return other && read(other.scripts);
  }

  /**
   * Like `read`, but with `finish`, which makes the calls that a search for a missing job would have made in addition. A caller that
   * treats the job as missing awaits it, so that the time until the answer does not tell whether the job exists.
   */
  async search<R>(id: string, read: (queue: OpenQueue) => Promise<R | null>): Promise<Search<R>> {
    const first = await this.likely(id);
    if (!first) return { found: null, finish: async () => {} };
    const continued = async (): Promise<R | null> => read((await this.elsewhere(id, first)) ?? first);
    const found = await read(first);
    if (found === null) return { found: await continued(), finish: async () => {} };
    return { found, finish: async () => void (await continued()) };
  }

  /**
   * Returns the queue that probably has a job: the queue of its kind, or the former one that has it. Returns null if no contract has
   * the kind.
   */
  async likely(id: string): Promise<OpenQueue | null> {
    const kind = kindOfJobId(id);
    if (kind === null || !this.isKnown(kind)) return null;
    const queues = this.ofKind(kind);
    const found = queues.length > 1 ? await this.#firstWith(id, queues) : null;
    return found ?? queues[0] ?? null;
  }

  /**
   * Looks for a job in all queues but one, also in those that no contract names: its kind may have moved without `formerQueues`, or
   * in a newer version of the application.
   */
  async elsewhere(id: string, but: OpenQueue): Promise<OpenQueue | null> {
    const known = [...this.all, ...this.#others.values()].filter((queue) => queue !== but);
    const { names, exist } = await this.#stored.readWith(known.map(({ keys }) => keys.job(id)));
    const found = known.find((_, i) => exist[i]);
    if (found || !names.some((name) => this.#isNew(name))) return found ?? null;
    return this.#firstWith(
      id,
      (await this.others()).filter((queue) => queue !== but && !known.includes(queue)),
    );
  }

  #isNew(name: string): boolean {
    return !this.#byName.has(name) && !this.#others.has(name) && !this.#unreadable.has(name);
  }

  async #firstWith(id: string, queues: readonly OpenQueue[]): Promise<OpenQueue | null> {
    const { exist } = await this.#stored.readWith(queues.map(({ keys }) => keys.job(id)));
    return queues.find((_, i) => exist[i]) ?? null;
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
