import { type Duration, LIMITS, type Priority, type SubmitOptions, TelltaleError } from "../../core/index.js";
import { durationMs, invalidInput } from "../../core/internal.js";
import { WireSubmitOptions } from "../../core/schemas.js";

/** A job to be made. */
export interface SubmitRequest {
  readonly kind: string;
  readonly input: unknown;
  /** The subject it belongs to; null is the server itself. */
  readonly owner?: string | null | undefined;
  readonly idempotencyKey?: string | undefined;
  readonly uniqueKey?: string | undefined;
  readonly delayMs?: number | undefined;
  readonly runAt?: Date | undefined;
  readonly startWithinMs?: number | undefined;
  readonly priority?: Priority | undefined;
  readonly tags?: readonly string[] | undefined;
}

/** What server code asks for, as the engine takes it. Throws `invalid_config` for what is no duration. */
export function requestOf(
  kind: string,
  input: unknown,
  { delay, startWithin, ...options }: SubmitOptions & { readonly owner?: string | null } = {},
): SubmitRequest {
  const ms = (duration: Duration | undefined): number | undefined =>
    duration === undefined ? undefined : durationMs(duration);
  return { delayMs: ms(delay), startWithinMs: ms(startWithin), ...options, kind, input };
}

/** Throws `invalid_input` for options that the wire would refuse too: in process nobody has looked at them yet. */
export function checkOptions(request: SubmitRequest): void {
  const { owner = null } = request;
  if (owner !== null && !isOwner(owner)) {
    throw new TelltaleError("invalid_input", `An owner has 1 to ${LIMITS.ownerLength} characters on one line`);
  }
  const parsed = WireSubmitOptions.safeParse(request);
  if (!parsed.success) throw invalidInput("The options are not usable as given", parsed.error);
}

// Half a character is written as a replacement character, and then two owners are one.
function isOwner(owner: unknown): boolean {
  if (typeof owner !== "string" || owner === "" || owner.length > LIMITS.ownerLength) return false;
  return !/[\n\p{Surrogate}]/u.test(owner);
}

/** Where a caller's key counts. No two of kind, owner and key make the same scope, whatever characters an owner has. */
export function scopeOf(kind: string, owner: string | null, key: string): string {
  return `${kind}:${key.length}:${key}${owner === null ? "" : `:${owner}`}`;
}
