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
  given?: SubmitOptions & { readonly owner?: string | null },
): SubmitRequest {
  if (given === undefined) return { kind, input };
  const { owner, ...options } = given;
  return { owner, kind, input, ...toWireOptions(options) };
}

const NO_OPTIONS = WireSubmitOptions.parse({});
/** What a request contains besides options. */
const NOT_OPTIONS = new Set(["kind", "input", "owner", "quota"]);

function hasOptions(request: SubmitRequest): boolean {
  for (const name in request) if (!NOT_OPTIONS.has(name)) return true;
  return false;
}

/**
 * Validates the options of a request and the owner of its job. Requests from the same process have not been validated before. Throws
 * `invalid_input`, by the same rules as for requests from clients.
 */
export function checkedOptions(request: SubmitRequest): WireSubmitOptions & { readonly owner: string | null } {
  const owner = request.owner ?? null;
  if (owner !== null && !isOwner(owner)) {
    throw new TelltaleError(
      "invalid_input",
      `The owner must be a string of 1 to ${LIMITS.ownerLength} characters without line breaks`,
    );
  }
  // Most jobs have no options. Copying and parsing none would take a third of a submit.
  if (!hasOptions(request)) return { owner, ...NO_OPTIONS };
  const { owner: _owner, kind: _kind, input: _input, quota: _quota, ...options } = request;
  const parsed = WireSubmitOptions.safeParse(options);
  if (!parsed.success) throw invalidInput("The submit options are invalid", parsed.error);
  return { owner, ...parsed.data };
}

// Lone surrogates are refused. They would be stored as replacement characters, which would make different owners equal.
function isOwner(owner: unknown): boolean {
  if (typeof owner !== "string" || owner === "" || owner.length > LIMITS.ownerLength) return false;
  return !/[\n\p{Surrogate}]/u.test(owner);
}
