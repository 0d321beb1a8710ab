import { LIMITS, type SubmitOptions, TelltaleError } from "../../core/index.js";
import { invalidInput, toWireOptions } from "../../core/internal.js";
import { WireSubmitOptions } from "../../core/schemas.js";

/** A job to submit. */
export interface SubmitRequest extends Readonly<WireSubmitOptions> {
  readonly kind: string;
  readonly input: unknown;
  /** The subject that the job belongs to. Null for jobs of the server. */
  readonly owner?: string | null | undefined;
}

/**
 * A submit of server code in the engine's form. Throws `invalid_config` for a duration that is none, and `invalid_input` for
 * an option that does not exist.
 */
export function requestOf(
  kind: string,
  input: unknown,
  { owner, ...options }: SubmitOptions & { readonly owner?: string | null } = {},
): SubmitRequest {
  return { ...toWireOptions(options), owner, kind, input };
}

/**
 * The checked options of a request, and the owner of its job. Throws `invalid_input` for what the wire would refuse too:
 * requests of the same process have not been checked yet.
 */
export function checkedOptions(request: SubmitRequest): WireSubmitOptions & { readonly owner: string | null } {
  const { owner = null, kind: _kind, input: _input, ...options } = request;
  if (owner !== null && !isOwner(owner)) {
    throw new TelltaleError("invalid_input", `The owner must have 1 to ${LIMITS.ownerLength} characters on one line`);
  }
  const parsed = WireSubmitOptions.safeParse(options);
  if (!parsed.success) throw invalidInput("The options are not usable as given", parsed.error);
  return { ...parsed.data, owner };
}

// Half of a surrogate pair would be stored as a replacement character, so that different owners would become the same.
function isOwner(owner: unknown): boolean {
  if (typeof owner !== "string" || owner === "" || owner.length > LIMITS.ownerLength) return false;
  return !/[\n\p{Surrogate}]/u.test(owner);
}
