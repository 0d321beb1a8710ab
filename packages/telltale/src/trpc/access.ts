import { TelltaleError } from "../core/index.js";
import type { DetailRecord, Engine, JobRecord } from "../queue/internal.js";
import type { JobTokens } from "./job-token.js";
import type { Subject } from "./subject.js";

/** What somebody wants to do. `operate` is for operators unless the host decides otherwise. */
export type AccessAction = "submit" | "watch" | "cancel" | "operate";

/** What a host's own rule is asked. It replaces "one's own jobs, all for an operator". */
export interface AccessQuestion {
  readonly subject: Subject | null;
  readonly action: AccessAction;
  /** Null for what is about no one kind, such as the list of schedules. */
  readonly kind: string | null;
  /** The subject the job belongs to; null for a job of the server's own, and when submitting. */
  readonly owner: string | null;
}

/** What one does to a job that is there. */
type JobAction = "watch" | "cancel" | "operate";

/** A host's rule. */
export type Authorize = (question: AccessQuestion) => boolean | Promise<boolean>;

/** By what a caller may touch jobs. */
export interface Credentials {
  readonly subject: Subject | null;
  readonly token: string | undefined;
}

/** Decides who may do what, and keeps missing and foreign jobs indistinguishable. */
export class Access {
  readonly #engine: Engine;
  readonly #tokens: JobTokens;
  readonly #authorize: Authorize;

  constructor(engine: Engine, tokens: JobTokens, authorize: Authorize | undefined) {
    this.#engine = engine;
    this.#tokens = tokens;
    this.#authorize = authorize ?? ownJobs;
  }

  /** The subject a new job of this kind will belong to. Rejects with `unauthorized` or `forbidden`. */
  async toSubmit(subject: Subject | null, kind: string): Promise<Subject> {
    if (!subject) throw new TelltaleError("unauthorized");
    if (!(await this.#authorize({ subject, action: "submit", kind, owner: null })))
      throw new TelltaleError("forbidden");
    return subject;
  }

  /** Passes who may operate on what is no single job. Rejects with `unauthorized` or `forbidden`. */
  async toOperate(subject: Subject | null, kind: string | null): Promise<void> {
    if (!subject) throw new TelltaleError("unauthorized");
    if (!(await this.#authorize({ subject, action: "operate", kind, owner: null })))
      throw new TelltaleError("forbidden", "Only an operator may do this");
  }

  /** The job. Rejects with the same `not_found` whether it does not exist or is somebody else's. */
  toJob(id: string, action: JobAction, by: Credentials): Promise<JobRecord> {
    return this.#permitted(id, { action, by, read: () => this.#engine.find.read(id) });
  }

  /** As `toJob` for whoever watches, with what went wrong so far. */
  toDetail(id: string, by: Credentials): Promise<DetailRecord> {
    return this.#permitted(id, { action: "watch", by, read: () => this.#engine.find.detail(id) });
  }

  /** Whose jobs a caller is to be listed: null is everybody's. Rejects with `unauthorized`, or `forbidden` for another's. */
  toList(subject: Subject | null, owner: string | undefined): string | null {
    if (!subject) throw new TelltaleError("unauthorized");
    if (subject.operator) return owner ?? null;
    if (owner === undefined || owner === subject.id) return subject.id;
    throw new TelltaleError("forbidden", "Only an operator may list the jobs of others");
  }

  /** Of jobs that were found, those that this caller may see. */
  async visible<S extends Readonly<{ kind: string; owner?: string }>>(
    subject: Subject | null,
    jobs: S[],
  ): Promise<S[]> {
    const may = await Promise.all(
      jobs.map(({ kind, owner = null }) => this.#authorize({ subject, action: "watch", kind, owner })),
    );
    return jobs.filter((_, i) => may[i]);
  }

  /** The queues a caller may act on: those all of whose kinds are theirs. Rejects with `unauthorized` or `forbidden`. */
  async toQueues(subject: Subject | null): Promise<string[]> {
    if (!subject) throw new TelltaleError("unauthorized");
    const { queues, jobs } = this.#engine;
    const refused = new Set<string>();
    for (const { kind, queue } of Object.values(jobs)) {
      if (!(await this.#authorize({ subject, action: "operate", kind, owner: null }))) refused.add(queue);
    }
    const permitted = queues.filter((queue) => !refused.has(queue));
    if (permitted.length === 0) throw new TelltaleError("forbidden", "Only an operator may do this");
    return permitted;
  }

  /** Checks that a caller may act on a queue. Rejects as `toQueues` does, and with `forbidden` for any but those. */
  async toQueue(subject: Subject | null, queue: string): Promise<void> {
    const permitted = await this.toQueues(subject);
    // One that does not exist is the engine's to refuse.
    if (permitted.includes(queue) || !this.#engine.queues.includes(queue)) return;
    throw new TelltaleError("forbidden", "Only an operator may do this");
  }

  async #permitted<R extends { kind: string; owner: string | null }>(
    id: string,
    { action, by, read }: Readonly<{ action: JobAction; by: Credentials; read: () => Promise<R | null> }>,
  ): Promise<R> {
    const record = await read();
    // The token is checked for a missing job too: the answer must not tell by its time.
    const permitted = by.token !== undefined && action !== "operate" && (await this.#tokens.permits(by.token, id));
    if (!record) throw this.#missing(id);
    const { kind, owner } = record;
    if (permitted || (await this.#authorize({ subject: by.subject, action, kind, owner }))) return record;
    // Whoever may see the job is told what is missing to act on it.
    const visible =
      action === "operate" && (await this.#authorize({ subject: by.subject, action: "watch", kind, owner }));
    throw visible ? new TelltaleError("forbidden", "Only an operator may do this") : this.#missing(id);
  }

  #missing(id: string): TelltaleError {
    return new TelltaleError("not_found", `There is no job ${id} for this caller`);
  }
}

function ownJobs({ subject, action, owner }: AccessQuestion): boolean {
  if (subject?.operator) return true;
  if (action === "operate" || !subject) return false;
  return action === "submit" || subject.id === owner;
}
