import { z } from "zod";
import { type InputOf, type JobStatus, type Jobs, TelltaleError, type WireSubmitOptionsInput } from "../core/index.js";
import { invalidInput } from "../core/internal.js";
import { WireSubmitOptions } from "../core/schemas.js";

/** The input of `submit`: a union by `kind`. */
export type SubmitInput<T extends Jobs> = {
  [K in keyof T & string]: { kind: K; input: InputOf<T[K]>; options?: WireSubmitOptionsInput };
}[keyof T & string];

/** The reply of `submit`. */
export type SubmitAnswer<T extends Jobs> = {
  [K in keyof T & string]: { id: string; kind: K; status: JobStatus; token: string };
}[keyof T & string];

const Envelope = z.strictObject({
  kind: z.string().max(64),
  // The contract's schema checks it when the job is prepared.
  input: z.unknown(),
  options: WireSubmitOptions.optional(),
});
/** See the schema. */
export type Envelope = z.infer<typeof Envelope>;

/** Parses a submit. Throws `invalid_input`, or `unknown_kind` for a kind that callers may not submit. */
export function parseEnvelope(kinds: ReadonlySet<string>, raw: unknown): Envelope {
  return ofOpenKind(kinds, parseWire(Envelope, raw));
}

/** Returns the call if callers may submit its kind. Throws `unknown_kind` otherwise. */
export function ofOpenKind<A extends { readonly kind: string }>(kinds: ReadonlySet<string>, asked: A): A {
  if (kinds.has(asked.kind)) return asked;
  throw new TelltaleError(
    "unknown_kind",
    `Jobs of kind ${JSON.stringify(asked.kind)} cannot be submitted here. Add the kind to \`submit\` of the jobs router, or check its spelling`,
  );
}

/** Parses the input of a call. Throws `invalid_input` with the paths and codes of zod's issues, but without values. */
export function parseWire<S extends z.ZodType>(schema: S, raw: unknown): z.output<S> {
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  throw invalidInput("The input of the call is invalid", parsed.error);
}
