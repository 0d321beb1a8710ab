import { TelltaleError, type WireSubmitOptions } from "../core/index.js";
import { queuesOfKind } from "../core/internal.js";
import type { DetailRecord, Engine, FoundJob, Search } from "../queue/internal.js";
import type { JobTokens } from "./job-token.js";
import type { Subject } from "./subject.js";
import type { Envelope } from "./submit-input.js";

/** What a caller wants to do. `operate` is only allowed for operators, unless the application's own rule decides otherwise. */
export type AccessAction = "submit" | "watch" | "cancel" | "operate";

/** The argument of an application's own access rule. */
export interface AccessQuestion {
  /** The caller. Null if anonymous. */
  readonly subject: Subject | null;
  readonly action: AccessAction;
  /** The kind of the job. Null for actions that do not concern one kind, such as listing schedules. */
  readonly kind: string | null;
  /** The subject that the job belongs to. Null for jobs of the server, and when submitting. */
  readonly owner: string | null;
  /** The options of a submit, with durations in ms: `delayMs`. Null for other actions. */
  readonly options: WireSubmitOptions | null;
}

/** The actions on an existing job. */
type JobAction = "watch" | "cancel" | "operate";

/** An application's own access rule. Returns whether the action is allowed. */
export type Authorize = (question: AccessQuestion) => boolean | Promise<boolean>;

/** The credentials of a caller. */
export interface Credentials {
  readonly subject: Subject | null;
  readonly token: string | undefined;
}

/** Checks what callers may do. Jobs that do not exist and jobs of other users result in the same error. */
export class Access {
  readonly #engine: Engine;
  readonly #tokens: JobTokens;
  readonly #authorize: Authorize;

  constructor(engine: Engine, tokens: JobTokens, authorize: Authorize | undefined) {
    this.#engine = engine;
    this.#tokens = tokens;
    this.#authorize = authorize ?? ownJobs;
  }

  /** Returns the owner of a new job. Rejects with `unauthorized` or `forbidden`. */
  async toSubmit(subject: Subject | null, { kind, options = {} }: Envelope): Promise<Subject> {
    if (!subject) throw new TelltaleError("unauthorized");
    if (!(await this.#may({ subject, action: "submit", kind, options }))) throw new TelltaleError("forbidden");
    return subject;
  }

  /** Checks that the caller may operate on something other than a single job. Rejects with `unauthorized` or `forbidden`. */
  async toOperate(subject: Subject | null, kind: string | null): Promise<void> {
    if (!subject) throw new TelltaleError("unauthorized");
    if (!(await this.#may({ subject, action: "operate", kind })))
      throw new TelltaleError("forbidden", "Only an operator may do this");
  }

  /**
   * Returns the job. Rejects with the same `not_found` if it does not exist or belongs to someone else, and with `unauthorized`
   * for a caller without any credentials.
   */
  toJob(id: string, action: JobAction, by: Credentials): Promise<FoundJob> {
    return this.#permitted(id, { action, by, search: () => this.#engine.find.search(id) });
  }

  /** Like `toJob` for the action `watch`, but also returns the errors of failed attempts. */
  toDetail(id: string, by: Credentials): Promise<DetailRecord> {
    return this.#permitted(id, { action: "watch", by, search: () => this.#engine.find.searchDetail(id) });
  }

  /**
   * Returns the job, if the caller may read its log: operators may, and those who may watch the job if its contract says so. Rejects like
   * `toJob`, and with `forbidden` for others who may watch the job.
   */
  async toLog(id: string, by: Credentials): Promise<FoundJob> {
    const job = await this.toJob(id, "watch", by);
    const { kind, owner } = job;
    const { jobs } = this.#engine;
    if (Object.hasOwn(jobs, kind) && jobs[kind]?.logs === "owner") return job;
    if (await this.#may({ subject: by.subject, action: "operate", kind, owner })) return job;
    throw new TelltaleError("forbidden", "Only an operator may read the log of this job");
  }

  /** Returns the owner whose jobs the caller may list, or null for all owners. Rejects with `unauthorized` or `forbidden`. */
  toList(subject: Subject | null, owner: string | undefined): string | null {
    if (!subject) throw new TelltaleError("unauthorized");
    if (subject.operator) return owner ?? null;
    if (owner === undefined || owner === subject.id) return subject.id;
    throw new TelltaleError("forbidden", "Only an operator may list the jobs of others");
  }

  /** Returns those of the jobs that the caller may see. */
  async visible<S extends Readonly<{ kind: string; owner?: string }>>(
    subject: Subject | null,
    jobs: S[],
  ): Promise<S[]> {
    const may = await Promise.all(
      jobs.map(({ kind, owner = null }) => this.#may({ subject, action: "watch", kind, owner })),
    );
    return jobs.filter((_, i) => may[i]);
  }

  /**
   * Checks that the caller may operate on some jobs of this kind, or of any kind. `operable` then checks each job. Rejects with
   * `unauthorized` or `forbidden`.
   */
  async toBulk(subject: Subject | null, kind: string | null): Promise<void> {
    if (kind !== null) return this.toOperate(subject, kind);
    if (!subject) throw new TelltaleError("unauthorized");
    const { jobs } = this.#engine;
    for (const one of Object.values(jobs)) if (await this.#may({ subject, action: "operate", kind: one.kind })) return;
    throw new TelltaleError("forbidden", "Only an operator may do this");
  }

  /** Returns those of the jobs that the caller may operate on. */
  async operable<S extends Readonly<{ kind: string; owner: string | null }>>(
    subject: Subject | null,
    jobs: readonly S[],
  ): Promise<S[]> {
    const may = await Promise.all(
      jobs.map(({ kind, owner }) => this.#may({ subject, action: "operate", kind, owner })),
    );
    return jobs.filter((_, i) => may[i]);
  }

  /** Returns the queues in which the caller may operate on all kinds. Rejects with `unauthorized` or `forbidden`. */
  async toQueues(subject: Subject | null): Promise<string[]> {
    if (!subject) throw new TelltaleError("unauthorized");
    const { queues, jobs } = this.#engine;
    const refused = new Set<string>();
    for (const job of Object.values(jobs)) {
      if (await this.#may({ subject, action: "operate", kind: job.kind })) continue;
      for (const queue of queuesOfKind(job)) refused.add(queue);
    }
    const permitted = queues.filter((queue) => !refused.has(queue));
    if (permitted.length === 0) throw new TelltaleError("forbidden", "Only an operator may do this");
    return permitted;
  }

  /** Checks that the caller may operate all queues. Rejects with `unauthorized` or `forbidden`. */
  async toAllQueues(subject: Subject | null): Promise<void> {
    if ((await this.toQueues(subject)).length < this.#engine.queues.length)
      throw new TelltaleError("forbidden", "Only an operator may do this");
  }

  /** Checks that the caller may operate a queue. Rejects like `toQueues`, and with `forbidden` for other queues. */
  async toQueue(subject: Subject | null, queue: string): Promise<void> {
    const permitted = await this.toQueues(subject);
    // The engine refuses queues that do not exist.
    if (permitted.includes(queue) || !this.#engine.queues.includes(queue)) return;
    throw new TelltaleError("forbidden", "Only an operator may do this");
  }

  /**
   * Checks that the caller may operate on all jobs of a queue, also of one that no contract names, whose kinds are not known. Rejects
   * like `toQueues`.
   */
  async toWholeQueue(subject: Subject | null, queue: string): Promise<void> {
    const permitted = await this.toQueues(subject);
    const { queues } = this.#engine;
    if (permitted.includes(queue) || (!queues.includes(queue) && permitted.length === queues.length)) return;
    throw new TelltaleError("forbidden", "Only an operator may do this");
  }

  #may(question: Partial<AccessQuestion> & Pick<AccessQuestion, "subject" | "action">): boolean | Promise<boolean> {
    return this.#authorize({ kind: null, owner: null, options: null, ...question });
  }

  async #permitted<R extends { kind: string; owner: string | null }>(
    id: string,
    { action, by, search }: Readonly<{ action: JobAction; by: Credentials; search: () => Promise<Search<R>> }>,
  ): Promise<R> {
    const { found: record, finish } = await search();
    // Checking a token takes longer than anything else here, and most callers own their jobs. An application's own rule is only asked
    // if there is no valid token.
    if (record && this.#authorize === ownJobs && ownJobs({ subject: by.subject, action, owner: record.owner }))
      return record;
    // The token is also checked for a missing job, so that the response time does not reveal whether the job exists.
    const permitted = by.token !== undefined && action !== "operate" && (await this.#tokens.permits(by.token, id));
    if (!record) throw this.#missing(id, by);
    const { kind, owner } = record;
    if (permitted || (await this.#may({ subject: by.subject, action, kind, owner }))) return record;
    // A caller who may see the job gets `forbidden`. Others must not learn that it exists.
    const visible = action === "operate" && (await this.#may({ subject: by.subject, action: "watch", kind, owner }));
    if (!visible) await finish();
    throw visible ? new TelltaleError("forbidden", "Only an operator may do this") : this.#missing(id, by);
  }

  // A caller without any credentials gets `unauthorized` for every id, so that a client whose login has expired can react to it.
  #missing(id: string, { subject, token }: Credentials): TelltaleError {
    if (!subject && token === undefined) return new TelltaleError("unauthorized");
    return new TelltaleError("not_found", `Job ${id} does not exist, or you may not see it`);
  }
}

function ownJobs({ subject, action, owner }: Pick<AccessQuestion, "subject" | "action" | "owner">): boolean {
  if (subject?.operator) return true;
  if (action === "operate" || !subject) return false;
  return action === "submit" || subject.id === owner;
}
