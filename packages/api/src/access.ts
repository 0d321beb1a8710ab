import { TelltaleError } from "@telltale/core";
import type { Engine, JobRecord } from "@telltale/queue";
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
  async toJob(id: string, action: "watch" | "cancel" | "operate", by: Credentials): Promise<JobRecord> {
    const record = await this.#engine.read(id);
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
