import { LIMITS, type SubmitOptions, TelltaleError } from "../../core/index.js";
import { invalidInput, toWireOptions } from "../../core/internal.js";
import { WireSubmitOptions } from "../../core/schemas.js";

/** A job to be made. */
export interface SubmitRequest extends Readonly<WireSubmitOptions> {
  readonly kind: string;
  readonly input: unknown;
  /** The subject it belongs to; null is the server itself. */
  readonly owner?: string | null | undefined;
}

/** What server code asks for, as the engine takes it. Throws `invalid_config` for what is no duration. */
export function requestOf(
  kind: string,
  input: unknown,
  options: SubmitOptions & { readonly owner?: string | null } = {},
): SubmitRequest {
  return { ...toWireOptions(options), owner: options.owner, kind, input };
}

/**
 * The options of a request and whose job it is to be. Throws `invalid_input` for what the wire would refuse too: in process
 * nobody has looked at it yet.
 */
export function checkedOptions(request: SubmitRequest): WireSubmitOptions & { readonly owner: string | null } {
  const { owner = null } = request;
  if (owner !== null && !isOwner(owner)) {
    throw new TelltaleError("invalid_input", `An owner has 1 to ${LIMITS.ownerLength} characters on one line`);
  }
  const parsed = WireSubmitOptions.safeParse(request);
  if (!parsed.success) throw invalidInput("The options are not usable as given", parsed.error);
  return { ...parsed.data, owner };
}

// Half a character is written as a replacement character, and then two owners are one.
function isOwner(owner: unknown): boolean {
  if (typeof owner !== "string" || owner === "" || owner.length > LIMITS.ownerLength) return false;
  return !/[\n\p{Surrogate}]/u.test(owner);
}
