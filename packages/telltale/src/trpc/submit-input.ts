import { z } from "zod";
import { type InputOf, type JobStatus, type Jobs, TelltaleError, type WireSubmitOptionsInput } from "../core/index.js";
import { invalidInput } from "../core/internal.js";
import { WireSubmitOptions } from "../core/schemas.js";

/** What `submit` takes: a union by `kind`. */
export type SubmitInput<T extends Jobs> = {
  [K in keyof T & string]: { kind: K; input: InputOf<T[K]>; options?: WireSubmitOptionsInput };
}[keyof T & string];

/** What `submit` answers. */
export type SubmitAnswer<T extends Jobs> = {
  [K in keyof T & string]: { id: string; kind: K; status: JobStatus; token: string };
}[keyof T & string];

const Envelope = z.strictObject({
  kind: z.string().max(64),
  // Checked by the contract of its kind, once, when the job is prepared.
  input: z.unknown(),
  options: WireSubmitOptions.optional(),
});
/** See the schema. */
export type Envelope = z.infer<typeof Envelope>;

/** Parses one submit. Throws `invalid_input`, or `unknown_kind` for a kind that is not open to callers. */
export function parseEnvelope(kinds: ReadonlySet<string>, raw: unknown): Envelope {
  return ofOpenKind(kinds, parseWire(Envelope, raw));
}

/** Passes what is of a kind that is open to callers. Throws `unknown_kind`. */
export function ofOpenKind<A extends { readonly kind: string }>(kinds: ReadonlySet<string>, asked: A): A {
  if (kinds.has(asked.kind)) return asked;
  throw new TelltaleError("unknown_kind", `No jobs of kind ${JSON.stringify(asked.kind)} can be submitted here`);
}

/** Parses what came over the wire. Throws `invalid_input`; of zod's findings only paths and codes are told. */
export function parseWire<S extends z.ZodType>(schema: S, raw: unknown): z.output<S> {
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  throw invalidInput("The call is not usable as given", parsed.error);
}
