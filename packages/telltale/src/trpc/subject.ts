import { TelltaleError } from "../core/index.js";

/** The caller of a procedure, as your `subject` function returns it. */
export interface Subject {
  /** The user's id, stable and unique among all callers. It becomes the owner of the jobs that the user submits. */
  readonly id: string;
  /** Whether the caller may see and manage all jobs. @default false */
  readonly operator?: boolean | undefined;
  /**
   * Whether the caller is a new subject in each call, because it has no credentials. Then an `idempotencyKey` or `uniqueKey` could not
   * have an effect, and is refused with `invalid_input`. @default false
   */
  readonly isTransient?: boolean | undefined;
  /**
   * Whether anyone can become such a subject without an account, as with an id that the browser made up. What anonymous and
   * transient subjects submit counts for their address, because each of them could otherwise have new limits. @default false
   */
  readonly isAnonymous?: boolean | undefined;
  /**
   * When the caller's credentials expire. From then on, calls are those of an unknown caller. The gateway closes the caller's
   * WebSockets with 4401 and ends event streams; clients then connect again with new credentials and resume. Connections that only
   * use a job token are not affected. @default never
   */
  readonly expiresAt?: Date | undefined;
}

/** Whether the caller's credentials have expired. Throws `invalid_config` if `expiresAt` is not a valid Date. */
export function isExpired({ expiresAt }: Subject, now: number): boolean {
  if (expiresAt === undefined) return false;
  // Callers in JavaScript may pass the number from a JWT.
  const at = expiresAt instanceof Date ? expiresAt.getTime() : Number.NaN;
  if (Number.isNaN(at)) {
    throw new TelltaleError(
      "invalid_config",
      "`expiresAt` of a subject must be a valid Date, such as new Date(exp * 1000) for a JWT",
    );
  }
  return at <= now;
}
