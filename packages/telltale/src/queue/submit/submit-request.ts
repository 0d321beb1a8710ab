import { LIMITS, type SubmitOptions, TelltaleError } from "../../core/index.js";
import { invalidInput, toWireOptions } from "../../core/internal.js";
import { WireSubmitOptions } from "../../core/schemas.js";
import type { Quota } from "../record/quota.js";

/** A job to submit. */
export interface SubmitRequest extends Readonly<WireSubmitOptions> {
  readonly kind: string;
  readonly input: unknown;
  /** The subject that owns the job. Null or undefined if only operators may see it. */
  readonly owner?: string | null | undefined;
  /** The limit to enforce. Jobs count for their owner in any case. @default none */
  readonly quota?: Quota | undefined;
}

/**
 * Converts the arguments of `submit` in server code to a request. Throws `invalid_config` for an invalid duration, and
 * `invalid_input` for an unknown option.
 */
export function requestOf(
  kind: string,
  input: unknown,
  { owner, ...options }: SubmitOptions & { readonly owner?: string | null } = {},
): SubmitRequest {
  return { ...toWireOptions(options), owner, kind, input };
}

const NO_OPTIONS = WireSubmitOptions.parse({});

/**
 * Validates the options of a request and the owner of its job. Requests from the same process have not been validated before. Throws
 * `invalid_input`, by the same rules as for requests from clients.
 */
export function checkedOptions(request: SubmitRequest): WireSubmitOptions & { readonly owner: string | null } {
  const { owner = null, kind: _kind, input: _input, quota: _quota, ...options } = request;
  if (owner !== null && !isOwner(owner)) {
    throw new TelltaleError(
      "invalid_input",
      `The owner must be a string of 1 to ${LIMITS.ownerLength} characters without line breaks`,
    );
  }
  // Most jobs have no options, and parsing none takes a tenth of a submit.
  if (Object.keys(options).length === 0) return { ...NO_OPTIONS, owner };
  const parsed = WireSubmitOptions.safeParse(options);
  if (!parsed.success) throw invalidInput("The submit options are invalid", parsed.error);
  return { ...parsed.data, owner };
}

// Lone surrogates are refused. They would be stored as replacement characters, which would make different owners equal.
function isOwner(owner: unknown): boolean {
  if (typeof owner !== "string" || owner === "" || owner.length > LIMITS.ownerLength) return false;
  return !/[\n\p{Surrogate}]/u.test(owner);
}
