import { TelltaleError } from "../../core/index.js";
import { backoffMs } from "../backoff.js";
import { anonymousSession } from "./session.js";

/** Connections are given up when `auth` has failed for this long. A login provider may have a short outage. */
const FAILING_MS = 45_000;
/** Failures that are further apart than this, for example because the machine slept, are not one outage. */
const APART_MS = 60_000;

/** The bearer token, or a function that returns it. Undefined for an anonymous session. */
export type Auth = string | (() => string | Promise<string>) | undefined;

/** The wait between two tries of `forConnection`. */
export interface Retries {
  readonly wait: (ms: number) => Promise<void>;
  /** Whether the connection is no longer needed. */
  readonly isOver: () => boolean;
}

/** The caller's credentials. Tells connections when they belong to another user, so that they follow. */
export class Credentials {
  readonly #auth: Auth;
  readonly #listeners = new Set<() => void>();
  #session: string | undefined;
  #newest: string | undefined;
  #asked = 0;
  #answered = 0;
  /** When the first and the newest of the present failures of `auth` happened. */
  #failingSince = 0;
  #failedAt = Number.NEGATIVE_INFINITY;

  constructor(auth: Auth) {
    this.#auth = auth;
  }

  /** Whether the credentials stay as they are. */
  get isFixed(): boolean {
    return typeof this.#auth !== "function";
  }

  /** Returns the value of the Authorization header. Rejects with `unauthorized` if `auth` fails. */
  async authorization(): Promise<string> {
    if (typeof this.#auth === "string") return `Bearer ${this.#auth}`;
    if (this.#auth === undefined) {
      this.#session ??= anonymousSession();
      return `Bearer ${this.#session}`;
    }
    const n = ++this.#asked;
    const authorization = `Bearer ${await ask(this.#auth)}`;
    // An answer that took longer than a later one is outdated.
    if (n > this.#answered) this.#answer(n, authorization);
    return authorization;
  }

  /**
   * Returns the value for a new connection. If `auth` fails, it is tried again with growing pauses. Rejects with `unauthorized` when
   * it has failed for 45 s, counted for all connections together, because one that takes turns is opened again before that time.
   * Failures of the network do not count: they end when the network is back.
   */
  async forConnection({ wait, isOver }: Retries): Promise<string> {
    for (let tries = 0; ; tries++) {
      try {
        const authorization = await this.authorization();
        // A later answer may have arrived first.
        return this.#newest ?? authorization;
      } catch (error) {
        if (this.#failingMs(error) >= FAILING_MS || isOver()) throw error;
        await wait(backoffMs(tries));
        if (isOver()) throw error;
      }
    }
  }

  /**
   * Calls `onOther` when the user is another one than that of the connection with this authorization, also if the user changed before
   * this call. Stops when the returned function is called.
   */
  follow(authorization: string, onOther: () => void): () => void {
    const check = (): void => {
      if (this.#newest !== undefined && !isSameUser(authorization, this.#newest)) onOther();
    };
    this.#listeners.add(check);
    check();
    return () => void this.#listeners.delete(check);
  }

  #failingMs(error: unknown): number {
    const now = performance.now();
    if (isOffline(error) || now - this.#failedAt > APART_MS) this.#failingSince = now;
    this.#failedAt = now;
    return now - this.#failingSince;
  }

  #answer(n: number, authorization: string): void {
    this.#failedAt = Number.NEGATIVE_INFINITY;
    this.#answered = n;
    this.#newest = authorization;
    for (const check of [...this.#listeners]) check();
  }
}

/**
 * Whether two values of the Authorization header belong to the same user: they are equal, or JWTs of the same subject. A new token
 * for the same user is no reason to connect again.
 */
export function isSameUser(one: string, other: string): boolean {
  if (one === other) return true;
  const subject = subjectOf(one);
  return subject !== undefined && subject === subjectOf(other);
}

function subjectOf(authorization: string): string | undefined {
  try {
    const payload = authorization.split(".")[1]?.replaceAll("-", "+").replaceAll("_", "/");
    const { iss, sub } = Object(JSON.parse(atob(payload ?? "")));
    return typeof sub === "string" ? JSON.stringify([iss, sub]) : undefined;
  } catch {
    return undefined;
  }
}

async function ask(auth: () => string | Promise<string>): Promise<string> {
  try {
    return await auth();
  } catch (cause) {
    throw new TelltaleError("unauthorized", "The client's `auth` function failed. See the cause", { cause });
  }
}

// What `fetch` rejects with in Chrome, Firefox, Safari, React Native and Node if there is no connection, and what login libraries say.
const OFFLINE =
  /^(Failed to fetch|NetworkError|Load failed|fetch failed)|network (request failed|error)|network-request-failed|offline/i;

function isOffline(error: unknown): boolean {
  const cause = error instanceof TelltaleError ? error.cause : undefined;
  const isPageOffline = typeof navigator === "object" && navigator.onLine === false;
  return isPageOffline || (cause instanceof Error && OFFLINE.test(cause.message));
}
